import { type Of, type Words, words } from './words.ts';

/** What stands between this machine and the login host. */
export function connectionWords(
  failure: Of<
    | 'unreachable'
    | 'host-key-unknown'
    | 'host-key-refused'
    | 'host-certificate'
    | 'authentication'
    | 'connection-lost'
    | 'forward-refused'
  >,
): Words {
  switch (failure.kind) {
    case 'unreachable':
      return words(
        `Could not reach ${failure.host}: ${failure.because}.`,
        [],
        failure.hint === undefined ? [] : [failure.hint],
      );
    case 'host-key-unknown':
      return words(
        `The host key of ${failure.host} is not known, and nobody is here to be asked.`,
        [failure.fingerprint],
        [`Connect once on a terminal and compare the fingerprint, or add the key to ${failure.file}.`],
      );
    case 'host-key-refused':
      return hostKeyWords(failure);
    case 'host-certificate':
      return words(
        `${failure.host} is verified by a host certificate, which only OpenSSH can check.`,
        [failure.where],
        ['Set `transport: openssh` in the cluster profile, or pass --transport openssh to init.'],
      );
    case 'authentication':
      return words(
        `${failure.host} did not accept ${failure.user}.`,
        failure.tried.length === 0 ? [] : [`Tried: ${failure.tried.join(', ')}`],
        [
          `Check with \`ssh ${failure.user}@${failure.host}\`; keys and agents are taken from your ssh configuration.`,
        ],
      );
    case 'connection-lost':
      return words(
        `The connection to ${failure.host} was lost: ${failure.because}.`,
        [],
        ['What runs on the cluster goes on. Run the command again.'],
      );
    case 'forward-refused':
      return words(`The login host could not connect to ${failure.target}: ${failure.because}.`);
  }
}

function hostKeyWords(failure: Of<'host-key-refused'>): Words {
  const what = {
    changed: `The host key of ${failure.host} is not the recorded one. Somebody may be listening in.`,
    revoked: `The host key of ${failure.host} is marked as revoked.`,
    unreadable: `The recorded host keys of ${failure.host} can't be read.`,
  }[failure.reason];
  return words(
    what,
    [failure.where, failure.fingerprint],
    [
      'Ask the operators of the cluster whether the key was changed. If so, remove the old line and connect again.',
    ],
  );
}
