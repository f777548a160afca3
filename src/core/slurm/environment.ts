import { sh } from '../render/quote.ts';

/**
 * The lines of POSIX sh that must stand before any Slurm command in a remote script.
 *
 * Sites and users set SLURM_TIME_FORMAT, SQUEUE_*, SACCT_* and SBATCH_* in their profiles: they change formats, filter
 * rows and add options to submissions. SLURM_TIME_FORMAT goes through strftime in every version, so `%s` gives
 * seconds since 1970 wherever a time is printed (Slurm's src/common/parse_time.c), and no time zone is ever guessed.
 * SLURM_CLUSTERS would send commands to another cluster than the profile's and add headers to what they print.
 * TAR_OPTIONS and GREP_OPTIONS (grep before 3.6) add options to those programs, CDPATH makes cd print.
 * SLURM_UMASK would make the job's files readable by others; the SLURM_* of a surrounding job would leak into new ones.
 */
export const slurmPrelude: string = [
  "for variable in $(env | sed -n 's/^\\(S[A-Z]*_[A-Za-z0-9_]*\\)=.*/\\1/p'); do",
  '  case $variable in',
  '    SLURM_CONF | SLURM_CONF_SERVER | SLURM_JWT) ;;',
  '    SLURM_* | SBATCH_* | SQUEUE_* | SACCT_* | SINFO_* | SCANCEL_* | SCONTROL_* | SALLOC_*) unset "$variable" ;;',
  '  esac',
  'done',
  'unset TAR_OPTIONS GREP_OPTIONS CDPATH',
  'export LC_ALL=C SLURM_TIME_FORMAT=%s',
  '',
].join('\n');

/**
 * The same for a cluster whose commands lie in `bin` because its login shells alone put that directory on the PATH;
 * null or undefined where they are found anyway.
 */
export function slurmEnvironment(bin: string | null | undefined): string {
  return bin === null || bin === undefined ? slurmPrelude : `${slurmPrelude}PATH=${sh(bin)}:$PATH\n`;
}
