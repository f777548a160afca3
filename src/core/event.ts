import type { DeploymentState } from './deployment/state.ts';
import type { Plan } from './plan/plan.ts';

/** What happened while a command was at work. Reports read these; nothing else is printed. */
export type Event =
  /** A step that can take more than a moment begins. */
  | { readonly event: 'working'; readonly text: string }
  | { readonly event: 'planned'; readonly plan: Plan }
  | {
      readonly event: 'uploaded';
      readonly deployment: string;
      readonly files: number;
      readonly bytes: number;
      readonly path: string;
    }
  | {
      readonly event: 'submitted';
      readonly deployment: string;
      readonly job: string;
      readonly jobName: string;
    }
  /** The deployment is in another state than before, or more of its replicas answer. */
  | {
      readonly event: 'state';
      readonly deployment: string;
      readonly state: DeploymentState;
      readonly elapsedSeconds: number;
    }
  /** Something that the user should know and that does not stop the work. */
  | { readonly event: 'warning'; readonly text: string };
