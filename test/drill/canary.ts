/** A deployment as the templates configure CodeDeploy: a tenth of the requests first, with rollback on an alarm. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../infra/build/bundle-options.ts';
import { parsePlainTemplate } from '../../infra/build/plain-template.ts';
import type { ApiHandler, ApiResponse } from '../../shared/request/api-request.ts';

/** Requests that count as a minute of traffic. */
const MINUTE = 20;
/** `Canary10Percent5Minutes` */
const ONE_IN = 10;
const CANARY_MINUTES = 5;

interface Alarm {
  readonly Threshold: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm: number;
}

/** The template's alarm for failed responses. */
export function failingAnswers(template: string): Alarm {
  const text = readFileSync(join(root, 'infra/deploy', template), 'utf8');
  return parsePlainTemplate<{ Resources: { FailingAnswers: { Properties: Alarm } } }>(text).Resources
    .FailingAnswers.Properties;
}

export type Outcome = 'took over' | 'went back';

/** The alias that clients call. */
export class Alias {
  readonly #alarm: Alarm;
  #live: ApiHandler;
  #next: ApiHandler | undefined;
  #ended: (outcome: Outcome) => void = () => undefined;
  #requests = 0;
  #failed = 0;
  /** Whether the alarm's condition was met, by minute of the deployment. */
  #minutes: boolean[] = [];

  constructor(live: ApiHandler, alarm: Alarm) {
    this.#live = live;
    this.#alarm = alarm;
  }

  readonly handler: ApiHandler = async (request) => {
    const isCanary = this.#next !== undefined && this.#requests % ONE_IN === 0;
    this.#requests++;
    const answer: ApiResponse = await (isCanary ? this.#next! : this.#live)(request);
    if (answer.status >= 500) this.#failed++;
    if (this.#requests >= MINUTE) this.#endMinute();
    return answer;
  };

  /** Rejects all requests until `serve` is called, as functions without concurrency do. */
  close(): void {
    this.#live = async () => ({ status: 503, headers: {}, body: new Uint8Array() });
  }

  serve(live: ApiHandler): void {
    this.#live = live;
  }

  /** Resolves with the outcome; requires traffic. Watches on the previous release continue to their end. */
  deploy(next: ApiHandler): Promise<Outcome> {
    [this.#next, this.#requests, this.#failed, this.#minutes] = [next, 0, 0, []];
    return new Promise((resolve) => {
      this.#ended = resolve;
    });
  }

  #endMinute(): void {
    const { Threshold, EvaluationPeriods, DatapointsToAlarm } = this.#alarm;
    this.#minutes.push((100 * this.#failed) / this.#requests > Threshold);
    [this.#requests, this.#failed] = [0, 0];
    if (this.#next === undefined) return;
    if (this.#minutes.slice(-EvaluationPeriods).filter(Boolean).length >= DatapointsToAlarm) {
      this.#end(this.#live, 'went back');
    } else if (this.#minutes.length >= CANARY_MINUTES) {
      this.#end(this.#next, 'took over');
    }
  }

  #end(live: ApiHandler, outcome: Outcome): void {
    [this.#live, this.#next] = [live, undefined];
    this.#ended(outcome);
  }
}
