import type { EmbeddedDynamoDB } from './dynamodb/embedded-dynamodb.ts';

/** Resolves at the first signal to end; a second one ends the process at once. */
export function signalled(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(130));
        done();
      });
    }
  });
}

/**
 * Resolves at the first signal to end. When the store ends before, says so and ends the process: a server without one
 * would answer, and know nothing.
 */
export function signalledWhile({ ended }: EmbeddedDynamoDB): Promise<void> {
  void ended.then((said) => {
    const reason = said === '' ? '' : `: ${said}`;
    console.error(`the embedded DynamoDB has ended${reason}; what it acknowledged is kept, start again`);
    process.exit(1);
  });
  return signalled();
}
