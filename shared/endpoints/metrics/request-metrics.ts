/** What requests there were (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/metrics/metrics.go). */

import { builtinResources } from '../../apis/resource-table.ts';
import { type HeaderFields, headerOf } from '../../request/api-request.ts';
import type { RequestInfo } from '../../request/request-info.ts';
import { formatGroupVersion } from '../../runtime/group-version.ts';
import { isReached } from '../resource/deprecation.ts';
import type { ServingContext } from '../routing/serving-context.ts';

/** Upstream's buckets: recording rules and objectives name them. */
const SLI_BUCKETS = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];
const DURATION_BUCKETS = [0.005, 0.025, ...SLI_BUCKETS];
const SIZE_BUCKETS = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

const APPLY_PATCH = 'application/apply-patch+yaml';
const CONNECT_SUBRESOURCES = new Set(['log', 'exec', 'portforward', 'attach', 'proxy']);

const VERBS: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT', proxy: 'CONNECT' };

/** The verb as a label: upper case, and the methods' names for writes. */
function verbLabel({ verb, isResourceRequest, subresource }: RequestInfo, headers: HeaderFields): string {
  if (isResourceRequest && CONNECT_SUBRESOURCES.has(subresource)) return 'CONNECT';
  if (verb === 'patch' && headerOf(headers, 'content-type') === APPLY_PATCH) return 'APPLY';
  if (isResourceRequest && Object.hasOwn(VERBS, verb)) return VERBS[verb]!;
  return verb.toUpperCase();
}

function scopeOf({ name, namespace, isResourceRequest }: RequestInfo): string {
  if (!isResourceRequest) return '';
  if (name !== '') return 'resource';
  return namespace === '' ? 'cluster' : 'namespace';
}

type Labels = readonly (readonly [name: string, value: string])[];

const escapeLabel = (value: string): string =>
  value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');
const formatLabels = (labels: Labels): string =>
  labels.map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(',');

class Histogram {
  readonly #buckets: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(buckets: readonly number[]) {
    this.#buckets = buckets;
    this.#counts = buckets.map(() => 0);
  }

  observe(value: number): void {
    this.#sum += value;
    this.#count++;
    const index = this.#buckets.findIndex((bucket) => value <= bucket);
    if (index >= 0) this.#counts[index]!++;
  }

  lines(name: string, labels: string): string[] {
    let below = 0;
    return [
      ...this.#buckets.map((bucket, index) => {
        below += this.#counts[index]!;
        return `${name}_bucket{${labels},le="${bucket}"} ${below}`;
      }),
      `${name}_bucket{${labels},le="+Inf"} ${this.#count}`,
      `${name}_sum{${labels}} ${this.#sum}`,
      `${name}_count{${labels}} ${this.#count}`,
    ];
  }
}

function emptyMetric<V>(): Map<string, V> {
  return new Map();
}

/** Counts the requests of one server. Labels name only resources that are served: clients can't make up more. */
export class RequestMetrics {
  readonly #totals = emptyMetric<number>();
  readonly #durations = emptyMetric<Histogram>();
  readonly #indicators = emptyMetric<Histogram>();
  readonly #deprecated = new Set<string>();
  readonly #sizes = emptyMetric<Histogram>();
  readonly #inFlight = { mutating: 0, readOnly: 0 };
  readonly #longRunning = emptyMetric<number>();

  begin(kind: 'mutating' | 'readOnly'): void {
    this.#inFlight[kind]++;
  }

  end(kind: 'mutating' | 'readOnly'): void {
    this.#inFlight[kind]--;
  }

  /** Called with 1 when a long-running answer begins, with -1 when it has ended. */
  longRunning(context: ServingContext, change: 1 | -1): void {
    const labels = formatLabels(labelsOf(context));
    this.#longRunning.set(labels, (this.#longRunning.get(labels) ?? 0) + change);
  }

  /** `bytes` and `seconds` are left out of answers that last. */
  record(
    context: ServingContext,
    { status, bytes, seconds }: { status: number; bytes?: number; seconds?: number },
  ): void {
    const base = labelsOf(context);
    const dryRun = ['dry_run', dryRunOf(context.request.query)] as const;
    const total = formatLabels([...base, ['code', String(status)], dryRun]);
    const count = this.#totals.get(total) ?? 0;
    this.#totals.set(total, count + 1);
    if (count === 0) this.#noteDeprecated(context);
    const labels = formatLabels(base);
    if (seconds !== undefined) {
      observe(this.#durations, formatLabels([...base, dryRun]), DURATION_BUCKETS, seconds);
      observe(this.#indicators, labels, SLI_BUCKETS, seconds);
    }
    if (bytes !== undefined) observe(this.#sizes, labels, SIZE_BUCKETS, bytes);
  }

  #noteDeprecated({ served }: ServingContext): void {
    const labels = served && deprecationLabels(served);
    if (labels !== undefined) this.#deprecated.add(formatLabels(labels));
  }

  /** In Prometheus' text form. */
  toString(): string {
    const counters = (values: ReadonlyMap<string, number>, name: string): string[] =>
      [...values].map(([labels, value]) => `${name}{${labels}} ${value}`);
    const histograms = (values: ReadonlyMap<string, Histogram>, name: string): string[] =>
      [...values].flatMap(([labels, histogram]) => histogram.lines(name, labels));
    return [
      '# HELP apiserver_request_total Requests by verb, resource and status code.',
      '# TYPE apiserver_request_total counter',
      ...counters(this.#totals, 'apiserver_request_total'),
      '# HELP apiserver_request_duration_seconds Seconds until an answer was ready.',
      '# TYPE apiserver_request_duration_seconds histogram',
      ...histograms(this.#durations, 'apiserver_request_duration_seconds'),
      '# HELP apiserver_request_sli_duration_seconds Seconds until an answer was ready, time in webhooks included.',
      '# TYPE apiserver_request_sli_duration_seconds histogram',
      ...histograms(this.#indicators, 'apiserver_request_sli_duration_seconds'),
      '# HELP apiserver_requested_deprecated_apis Deprecated versions that have been asked for.',
      '# TYPE apiserver_requested_deprecated_apis gauge',
      ...[...this.#deprecated].map((labels) => `apiserver_requested_deprecated_apis{${labels}} 1`),
      '# HELP apiserver_response_sizes Bytes of answers.',
      '# TYPE apiserver_response_sizes histogram',
      ...histograms(this.#sizes, 'apiserver_response_sizes'),
      '# HELP apiserver_current_inflight_requests Requests being served.',
      '# TYPE apiserver_current_inflight_requests gauge',
      ...Object.entries(this.#inFlight).map(
        ([kind, value]) => `apiserver_current_inflight_requests{request_kind="${kind}"} ${value}`,
      ),
      '# HELP apiserver_longrunning_requests Answers that last, such as watches.',
      '# TYPE apiserver_longrunning_requests gauge',
      ...counters(this.#longRunning, 'apiserver_longrunning_requests'),
      '',
    ].join('\n');
  }
}

function observe(
  values: Map<string, Histogram>,
  labels: string,
  buckets: readonly number[],
  value: number,
): void {
  let histogram = values.get(labels);
  if (histogram === undefined) {
    histogram = new Histogram(buckets);
    values.set(labels, histogram);
  }
  histogram.observe(value);
}

function labelsOf({ request, requestInfo, served }: ServingContext): Labels {
  return [
    ['component', 'apiserver'],
    ['group', served?.group ?? ''],
    ['resource', served?.resource ?? ''],
    ['scope', scopeOf(requestInfo)],
    ['subresource', served?.subresource ?? ''],
    [
      'verb',
      served === undefined && requestInfo.isResourceRequest
        ? 'other'
        : knownVerb(requestInfo, request.headers),
    ],
    ['version', served?.version ?? ''],
  ];
}

const NON_RESOURCE_VERBS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Methods are the client's words. */
function knownVerb(requestInfo: RequestInfo, headers: HeaderFields): string {
  const verb = verbLabel(requestInfo, headers);
  return requestInfo.isResourceRequest || NON_RESOURCE_VERBS.has(verb) ? verb : 'other';
}

/** Values other than upstream's one are clients' words. */
function dryRunOf(query: URLSearchParams): string {
  const values = query.getAll('dryRun');
  if (values.length === 0) return '';
  return values.every((value) => value === 'All') ? 'All' : 'invalid';
}

function deprecationLabels(served: NonNullable<ServingContext['served']>): Labels | undefined {
  const { group, version, resource, subresource } = served;
  const lifecycle = builtinResources().get(formatGroupVersion(served))?.resources[resource]?.lifecycle;
  if (lifecycle?.deprecated === undefined || !isReached(lifecycle.deprecated)) return undefined;
  return [
    ['group', group],
    ['version', version],
    ['resource', resource],
    ['subresource', subresource],
    ['removed_release', lifecycle.removed ?? ''],
  ];
}
