# shellcheck shell=bash
# Who may use how much? Accounts, users and qualities of service, for clusters that keep accounts.

make_accounts() {
  [ ! -e "$STATE/accounts-made" ] || return 0
  in_host mgmt bash -euc "$(<"$SANDBOX_SOURCE/variants/$VARIANT/accounts.sh")" </dev/null >>"$LOGS/accounts.log" 2>&1 ||
    { show_log "$LOGS/accounts.log" && fail 'the accounts could not be made'; }
  : >"$STATE/accounts-made"
}
