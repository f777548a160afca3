import ssh2 from 'ssh2';

/** The ssh2 library. It takes 17 ms to load, so this module is imported while the TCP connection is being made. */
export const library = ssh2;
export type Ssh2Library = typeof ssh2;
