import { humanDuration } from './human-duration.ts';

/** The time elapsed since a moment, embedded in a text and computed when the text is read. */
export class Age {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly before: string;
  readonly after: string;

  constructor(since: number, before = '', after = '') {
    this.since = since;
    this.before = before;
    this.after = after;
  }

  /** `now` is in milliseconds since the epoch. */
  textAt(now: number): string {
    return `${this.before}${humanDuration(now - this.since)}${this.after}`;
  }
}

/** The distance of an expected moment, which may still be to come. */
export class ExpectedTime extends Age {
  override textAt(now: number): string {
    return this.since > now
      ? `in ${humanDuration(this.since - now)}`
      : `${humanDuration(now - this.since)} ago`;
  }
}

/** Time since a timestamp; `<unknown>` without one. */
export function age(timestamp: string | undefined | null): Age | string {
  return timestamp ? new Age(Date.parse(timestamp)) : '<unknown>';
}
