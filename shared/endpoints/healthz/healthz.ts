/** `/healthz`, `/livez`, `/readyz` (https://github.com/kubernetes/apiserver/blob/master/pkg/server/healthz/healthz.go). */

import { quote } from '../../runtime/go-format.ts';
import type { Logger } from '../../util/logger.ts';
import { reasonOf } from '../../util/reason-of.ts';
import { plainText } from '../codec/response-writers.ts';
import type { RequestHandler } from '../routing/handler.ts';
import type { PathMux } from '../routing/path-mux.ts';
import type { HealthMetrics } from './health-metrics.ts';

export interface HealthChecker {
  readonly name: string;
  /** Rejects if the check fails. */
  check(): Promise<void>;
}

interface CheckResult {
  readonly name: string;
  readonly error?: unknown;
  readonly excluded?: boolean;
}

async function run(checks: readonly HealthChecker[], excluded: ReadonlySet<string>): Promise<CheckResult[]> {
  return Promise.all(
    checks.map(async ({ name, check }): Promise<CheckResult> => {
      if (excluded.has(name)) return { name, excluded: true };
      try {
        await check();
        return { name };
      } catch (error) {
        return { name, error: error ?? new Error('unknown') };
      }
    }),
  );
}

function line({ name, error, excluded }: CheckResult): string {
  if (excluded) return `[+]${name} excluded: ok\n`;
  // The reason is logged rather than sent to clients.
  return error === undefined ? `[+]${name} ok\n` : `[-]${name} failed: reason withheld\n`;
}

/** Receivers of results that aren't sent to clients. */
export interface HealthzObservers {
  readonly logger: Logger;
  readonly metrics: HealthMetrics;
}

function healthHandler(
  path: string,
  checks: readonly HealthChecker[],
  { logger, metrics }: HealthzObservers,
): RequestHandler {
  const type = path.slice(1);
  return async ({ request: { query } }) => {
    const excluded = new Set(query.getAll('exclude'));
    const results = await run(checks, excluded);
    for (const { name, error, excluded } of results) {
      if (!excluded) metrics.observe({ name, type }, error === undefined);
    }
    const unknown = [...excluded].filter((exclude) => !checks.some((check) => check.name === exclude));
    const warning =
      unknown.length === 0
        ? ''
        : `warn: some health checks cannot be excluded: no matches for ${unknown.sort().map(quote).join(',')}\n`;
    const failed = results.filter(({ error }) => error !== undefined);
    const lines = results.map(line).join('');
    if (failed.length > 0) {
      for (const result of failed)
        logger.error(`${type} check ${result.name} failed`, reasonOf(result.error));
      return plainText(500, `${lines}${warning}${type} check failed\n`);
    }
    if (!query.has('verbose')) return plainText(200, 'ok');
    return plainText(200, `${lines}${warning}${type} check passed\n`);
  };
}

/** Installs the path, and a subpath for each check. */
export function installHealthz(
  mux: PathMux,
  path: string,
  checks: readonly HealthChecker[],
  observers: HealthzObservers,
): void {
  mux.handle(path, healthHandler(path, checks, observers));
  for (const check of checks) {
    mux.handle(`${path}/${check.name}`, async () => {
      try {
        await check.check();
        return {
          status: 200,
          headers: { 'content-type': 'text/plain; charset=utf-8' },
          body: Buffer.from('ok'),
        };
      } catch (error) {
        return plainText(500, `internal server error: ${error instanceof Error ? error.message : error}\n`);
      }
    });
  }
}
