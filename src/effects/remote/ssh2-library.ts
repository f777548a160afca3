import ssh2 from 'ssh2';

/**
 * The ssh2 library and what is built on it. It takes as long to load as everything before the connection, so this module
 * is imported while the TCP connection is being made.
 */
export const library = ssh2;
export type Ssh2Library = typeof ssh2;
export { readKnownHosts } from './known-hosts.ts';
export { openClient } from './ssh2-client.ts';
