/** Shared by all commands: parsing of options, and reporting of failures. */

import { InvalidArgumentError } from 'commander';
import { NAME_RULE, TENANT_NAME } from '../../../shared/fleet/control-plane.ts';
import { errorText } from '../error-text.ts';

/** For an option that may be repeated. */
export const collect = (value: string, earlier: string[] = []): string[] => [...earlier, value];

export function aboveZero(value: string): number {
  const number = Number(value);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new InvalidArgumentError('It must be a number above 0.');
}

/** The name of a control plane, a stack or a fleet, which is part of names of files and resources. */
export function tenantName(value: string): string {
  if (TENANT_NAME.test(value)) return value;
  throw new InvalidArgumentError(`It must be a name: ${NAME_RULE}.`);
}

/** As `aboveZero`, of seconds that a timer can wait. */
export function secondsToWait(value: string): number {
  const seconds = aboveZero(value);
  if (seconds <= MAX_SECONDS) return seconds;
  throw new InvalidArgumentError(`It must be at most ${MAX_SECONDS}.`);
}

/** A day. */
const MAX_SECONDS = 86_400;

/** As `orFail`, for a server: one that failed to start may have open handles, and ends all the same. */
export async function orExit(run: () => Promise<void>): Promise<void> {
  await orFail(run);
  if (process.exitCode === 1) process.exit();
}

/** Prints the reason of a failure in one line, and sets the exit code. */
export async function orFail(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    console.error(errorText(error));
    process.exitCode = 1;
  }
}
