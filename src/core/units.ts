/** Bytes in a GiB. */
export const GiB = 2 ** 30;
/** Bytes in a MiB. */
export const MiB = 2 ** 20;
