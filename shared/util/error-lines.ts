/** The lines of the message of the error that `run` throws or rejects with; empty if it succeeds. */
export async function errorLines(run: () => unknown): Promise<string[]> {
  try {
    await run();
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}
