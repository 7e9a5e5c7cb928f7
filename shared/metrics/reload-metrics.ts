/**
 * Metrics of configurations that are reloaded while the server runs
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/manifest/metrics/metrics.go, and similar
 * ones of authentication, authorization and encryption).
 */

import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { ReadingsObserver } from '../util/reloaded-file.ts';
import type { Counter, Gauge, MetricsRegistry } from './metrics-registry.ts';

export type ReloadSubsystem =
  | 'authentication_config'
  | 'authorization_config'
  | 'encryption_config'
  | 'manifest_admission_config';

interface Families {
  readonly reloads: Counter;
  readonly times: Gauge;
  readonly info: Gauge;
  readonly hashes: Map<string, string>;
}

const hashOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

export class ReloadMetrics {
  readonly #registry: MetricsRegistry;
  readonly #families = new Map<ReloadSubsystem, Families>();
  #server: string | undefined;

  constructor(registry: MetricsRegistry) {
    this.#registry = registry;
  }

  /** `plugin`: the admission plugin of the manifests. */
  observer(subsystem: ReloadSubsystem, plugin?: string): ReadingsObserver {
    const { reloads, times, info, hashes } = this.#familiesOf(subsystem, plugin !== undefined);
    this.#server ??= hashOf(`apiserver-${hostname()}`);
    const server = this.#server;
    const own = plugin === undefined ? [] : [plugin];
    const ended = (status: string, now: number): void => {
      reloads.add([status, ...own, server]);
      times.set([status, ...own, server], now / 1000);
    };
    const applied = (text: string): void => {
      hashes.set(plugin ?? '', hashOf(text));
      info.reset();
      for (const [name, hash] of hashes) info.set([...(name === '' ? [] : [name]), server, hash], 1);
    };
    return {
      applied,
      reloaded(text, now) {
        ended('success', now);
        applied(text);
      },
      failed: (now) => ended('failure', now),
    };
  }

  #familiesOf(subsystem: ReloadSubsystem, hasPlugins: boolean): Families {
    const known = this.#families.get(subsystem);
    if (known !== undefined) return known;
    const prefix = `apiserver_${subsystem}_controller`;
    const own = hasPlugins ? ['plugin'] : [];
    const labels = ['status', ...own, 'apiserver_id_hash'];
    const made = {
      reloads: this.#registry.counter({ name: `${prefix}_automatic_reloads_total`, labels }),
      times: this.#registry.gauge({ name: `${prefix}_automatic_reload_last_timestamp_seconds`, labels }),
      info: this.#registry.gauge({
        name: `${prefix}_last_config_info`,
        labels: [...own, 'apiserver_id_hash', 'hash'],
      }),
      hashes: new Map<string, string>(),
    };
    this.#families.set(subsystem, made);
    return made;
  }
}
