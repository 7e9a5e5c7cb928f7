import { expect, test } from 'vitest';
import { PollSchedule } from '../../../shared/storage/dynamodb/poll-schedule.ts';
import { DEFAULT_PROTOCOL } from '../../../shared/storage/dynamodb/protocol.ts';

const SECOND = 1_000;

/** Seconds at which a log is polled for an hour in which nothing is written, after it was begun at 0. */
function pollsOf({ isHinted, changedAt = 0 }: { isHinted: boolean; changedAt?: number }): number[] {
  let now = 0;
  let position = 1;
  const schedule = new PollSchedule({ now: () => now, protocol: DEFAULT_PROTOCOL, isHinted });
  schedule.begin(position);
  const polls: number[] = [];
  for (let isTold = changedAt === 0; now < 3_600 * SECOND; ) {
    const next = now + schedule.delayMs;
    if (!isTold && next > changedAt * SECOND) {
      now = changedAt * SECOND;
      isTold = true;
      if (!schedule.onHint(position + 1, position)) throw new Error('not polled');
      schedule.pollNow();
      position++;
      schedule.recordPoll(true, position);
      continue;
    }
    now = next;
    schedule.recordPoll(false, position);
    polls.push(Math.round(now / SECOND));
  }
  return polls;
}

/** Pauses of at least 20 s, in seconds. */
const longPauses = (polls: readonly number[]): number[] =>
  polls.map((at, n) => at - (polls[n - 1] ?? 0)).filter((pause) => pause >= 20);

test.each<{ what: string; options: Parameters<typeof pollsOf>[0]; pauses: number[] }>([
  { what: 'without hints', options: { isHinted: false }, pauses: [] },
  {
    what: 'with hints',
    options: { isHinted: true },
    pauses: [30, 33, 65, 130, 259, 520, 600, 600, 600, 600, 600],
  },
  {
    what: 'with hints, one of which comes after 1,000 s',
    options: { isHinted: true, changedAt: 1_000 },
    pauses: [30, 33, 65, 130, 259, 481, 30, 33, 65, 130, 259, 520, 600, 600, 600],
  },
])(
  'a quiet log $what is polled after pauses as long as it was quiet, from 30 s to 10 min',
  ({ options, pauses }) => {
    expect(longPauses(pollsOf(options))).toEqual(pauses);
  },
);
