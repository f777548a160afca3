/** A file to be written on the cluster. */
export interface BundleFile {
  /** Relative to the job's directory; no `..`, no leading `/`. */
  readonly path: string;
  /** 0o600, or 0o700 for what is executed. Nothing else is allowed. */
  readonly mode: 0o600 | 0o700;
  readonly content: string;
  /** Its content must not be shown: `--dry-run` prints its path and size only. */
  readonly secret?: boolean;
}

/** The files of one job as they are uploaded. */
export interface Bundle {
  readonly files: readonly BundleFile[];
  /** Directories that must exist before the job starts, relative to the job's; mode 0700. */
  readonly directories: readonly string[];
  /** The arguments of `sbatch`, the script's path last. */
  readonly sbatch: readonly string[];
}
