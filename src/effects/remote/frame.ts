/*
 * How a script travels. The command line is constant but for a length, holds no text of ours or of the user's, and
 * means the same to sh, csh and fish; so `ps` shows nothing and no login shell interprets anything. Everything else
 * comes on stdin: first the frame (below), then the script, then the script's own input.
 *
 * `head -c` takes exactly as many bytes as it is told (coreutils reads no further), so what follows is untouched.
 */

/** The lines that tell our output from a login shell's: unguessable, so nothing else on the way can print them. */
export interface Markers {
  /** Followed by a space, the process group of the script and a newline. */
  readonly begin: string;
  /** Followed by a space, the exit status and a newline. */
  readonly end: string;
}

/** Markers from a random `token` of lower-case letters and digits. */
export function markersOf(token: string): Markers {
  return { begin: `hs-begin-${token}`, end: `hs-end-${token}` };
}

/** A framed script: what to execute, and what to send to its stdin before the script's own input. */
export interface Framed {
  readonly commandLine: string;
  readonly preamble: Uint8Array;
}

/** The last line of every script on the wire. Without it the script was cut, and no part of it may run. */
const lastLine = '\n# hpc-serve: end of script';

/** Status of a frame whose script was cut on the way: the end marker is not printed either. */
const cutStatus = 75;

const encoder = new TextEncoder();

function frame(body: (scriptBytes: number) => string, scriptText: string): Framed {
  const script = encoder.encode(scriptText + lastLine);
  // One compound command: a shell that gets only a part of it finds a syntax error and runs none of it.
  const head = encoder.encode(`{\nLC_ALL=C; export LC_ALL; umask 077\n${body(script.length)}}\n`);
  const preamble = new Uint8Array(head.length + script.length);
  preamble.set(head);
  preamble.set(script, head.length);
  return { commandLine: `exec /bin/sh -c 'eval "$(head -c ${head.length})"'`, preamble };
}

/** Prints a marker on stdout and stderr alike, so that noise on both can be told from the script's output. */
function announce(marker: string, value: string): string {
  const print = `printf '${marker} %s\\n' "${value}"`;
  return `${print}; ${print} >&2\n`;
}

/**
 * A script that runs to its end. It is evaluated by a shell of its own, so that `exit`, `exec` and a signal to `$$`
 * end that shell alone and the frame still reports the status (128 + n after signal n).
 */
export function frameScript(text: string, markers: Markers): Framed {
  return frame(
    (scriptBytes) =>
      announce(markers.begin, '$$') +
      `/bin/sh -c 'hs_script=$(head -c ${scriptBytes})
case $hs_script in *"# hpc-serve: end of script") eval "$hs_script" ;; *) kill -9 $PPID ;; esac'\n` +
      announce(markers.end, '$?')
        .replace('printf', 'hs_status=$?; printf')
        .replaceAll('"$?"', '"$hs_status"'),
    text,
  );
}

/**
 * A script that runs until our end of the connection closes its stdin: a watcher waits for that and ends the whole
 * process group, so that no `tail` stays behind on the login host. The script itself reads nothing.
 */
export function frameFollowed(text: string, markers: Markers): Framed {
  return frame(
    (scriptBytes) => `hs_script=$(head -c ${scriptBytes})
case $hs_script in *"# hpc-serve: end of script") ;; *) exit ${cutStatus} ;; esac
exec 3<&0
${announce(markers.begin, '$$')}printf '%s\\n' "$hs_script" | /bin/sh -c 'eval "$(cat)"' 3<&- &
hs_child=$!
(
  trap '' TERM
  while read -r hs_line; do :; done <&3
  kill -s TERM -- "-$$"
  sleep 2
  kill -s KILL -- "-$$"
) >/dev/null 2>&1 &
hs_watcher=$!
exec 3<&-
wait "$hs_child"
hs_status=$?
kill -s KILL "$hs_watcher"
${announce(markers.end, '$hs_status')}`,
    text,
  );
}

/** A script that ends a process group, politely first. */
export function killGroupScript(group: number): string {
  return `kill -s TERM -- -${group}
for hs_wait in 1 2 3 4 5 6 7 8 9 10; do
  kill -s 0 -- -${group} 2>/dev/null || exit 0
  sleep 0.2 2>/dev/null || sleep 1
done
kill -s KILL -- -${group}
`;
}
