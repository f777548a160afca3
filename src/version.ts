/** Put in by the build. */
declare const HPC_SERVE_VERSION: string | undefined;

/** The version of package.json; `development` where the sources run unbuilt, in tests. */
export const packageVersion = typeof HPC_SERVE_VERSION === 'string' ? HPC_SERVE_VERSION : 'development';
