import type { ReadFile } from '../util/read-file.ts';
import type { TracingConfiguration } from './tracing-configuration.ts';

/**
 * For hosts of many control planes, whose requests are all traced alike: what the file at `path` says; undefined where
 * there is none (''). Rejects with an Error that names the file.
 */
export async function readTracingConfiguration(
  path: string,
  reader: (path: string) => ReadFile | Promise<ReadFile>,
): Promise<TracingConfiguration | undefined> {
  if (path === '') return undefined;
  const { parseTracingConfiguration } = await import('./tracing-configuration.ts');
  const readFile = await reader(path);
  try {
    return await parseTracingConfiguration(readFile(path));
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}
