import * as z from 'zod';

/** A name of a deployment: it stands in job names, paths and host names, so it is a DNS label of at most 40 characters. */
export const deploymentNamePattern = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
export const DeploymentName = z.string().regex(deploymentNamePattern).brand('DeploymentName');
export type DeploymentName = z.infer<typeof DeploymentName>;

/** One submission of a deployment: ten characters of base32, unguessable and unique. */
export const AttemptId = z
  .string()
  .regex(/^[a-z2-7]{10}$/)
  .brand('AttemptId');
export type AttemptId = z.infer<typeof AttemptId>;

/** Slurm's job id. */
export const JobId = z
  .string()
  .regex(/^\d{1,10}$/)
  .brand('JobId');
export type JobId = z.infer<typeof JobId>;

/**
 * The Slurm job name of an attempt: `hs.<deployment>.<attempt>`. It is the one field that Slurm always stores,
 * shows and filters by, so it is what exactly-once submission looks up.
 */
export function jobNameOf(deployment: DeploymentName, attempt: AttemptId): string {
  return `hs.${deployment}.${attempt}`;
}
