/** What the families of commands share: how options are read, and how a command fails. */

import { InvalidArgumentError } from 'commander';
import { errorText } from '../error-text.ts';

/** For an option that may be repeated. */
export const collect = (value: string, earlier: string[] = []): string[] => [...earlier, value];

export function aboveZero(value: string): number {
  const number = Number(value);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new InvalidArgumentError('It must be a number above 0.');
}

/** Says why the command failed, in a line, and makes that its exit code. */
export async function orFail(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    console.error(errorText(error));
    process.exitCode = 1;
  }
}
