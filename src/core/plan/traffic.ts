/** The requests that a plan is made for. Token counts are of one request. */
export interface Traffic {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Requests at once over all replicas; undefined: as many as they take. */
  readonly concurrency: number | undefined;
}

/** A chat turn with some history: what is planned for where nobody says anything. */
export const usualTraffic: Traffic = { inputTokens: 1024, outputTokens: 512, concurrency: undefined };

/** What the search makes as good as it can. */
export type Objective = 'throughput' | 'latency' | 'context' | 'cost';

export const objectives: readonly Objective[] = ['throughput', 'latency', 'context', 'cost'];
