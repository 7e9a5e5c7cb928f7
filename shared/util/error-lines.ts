/** What is thrown, a text for each line of its message; empty: nothing. */
export async function errorLines(run: () => unknown): Promise<string[]> {
  try {
    await run();
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}
