import type { EmbeddedDynamoDB } from './dynamodb/embedded-dynamodb.ts';

/** Resolves at the first termination signal; a second one ends the process at once. */
export function terminationSignal(): Promise<void> {
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
 * Resolves at the first termination signal. If the store ends before, reports that and ends the process, since a server
 * can't work without it.
 */
export function terminationSignalWhile({ ended }: EmbeddedDynamoDB): Promise<void> {
  void ended.then((output) => {
    const reason = output === '' ? '' : `: ${output}`;
    console.error(
      `the embedded DynamoDB has ended${reason}; acknowledged writes are kept, start the server again`,
    );
    process.exit(1);
  });
  return terminationSignal();
}
