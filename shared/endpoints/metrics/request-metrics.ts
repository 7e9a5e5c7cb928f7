/** Request metrics (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/metrics/metrics.go). */

import { builtinResources } from '../../apis/resource-table.ts';
import type {
  Counter,
  Gauge,
  Histogram,
  LabelValues,
  MetricsRegistry,
} from '../../metrics/metrics-registry.ts';
import { type HeaderFields, headerOf } from '../../request/api-request.ts';
import type { RequestInfo } from '../../request/request-info.ts';
import { formatGroupVersion } from '../../runtime/group-version.ts';
import { isReached } from '../resource/deprecation.ts';
import type { ServingContext } from '../routing/serving-context.ts';

/** Upstream's buckets, which recording rules and SLOs refer to. */
const SLI_BUCKETS = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];
const DURATION_BUCKETS = [0.005, 0.025, ...SLI_BUCKETS];
const SIZE_BUCKETS = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
const BODY_BUCKETS = Array.from({ length: 31 }, (_, index) => 50_000 + index * 100_000);
const BODY_VERBS = new Set(['create', 'update', 'patch']);
const HEALTH_PATHS = ['/healthz', '/livez', '/readyz'];

const APPLY_PATCH = 'application/apply-patch+yaml';
const CONNECT_SUBRESOURCES = new Set(['log', 'exec', 'portforward', 'attach', 'proxy']);

const VERBS: Readonly<Record<string, string>> = {
  create: 'POST',
  deletecollection: 'DELETE',
  update: 'PUT',
  proxy: 'CONNECT',
};

/** The verb label: upper case, and the method names for writes. */
function verbLabel({ verb, isResourceRequest, subresource }: RequestInfo, headers: HeaderFields): string {
  if (isResourceRequest && CONNECT_SUBRESOURCES.has(subresource)) return 'CONNECT';
  if (verb === 'patch' && headerOf(headers, 'content-type') === APPLY_PATCH) return 'APPLY';
  if (isResourceRequest && Object.hasOwn(VERBS, verb)) return VERBS[verb]!;
  return verb.toUpperCase();
}

function scopeOf({ verb, name, namespace, isResourceRequest }: RequestInfo): string {
  if (!isResourceRequest) return '';
  if (name !== '' || verb === 'create') return 'resource';
  return namespace === '' ? 'cluster' : 'namespace';
}

/** Labels of all request metrics, in alphabetical order. */
const BASE_LABELS = ['component', 'group', 'resource', 'scope', 'subresource', 'verb', 'version'];
const DRY_RUN_LABELS = ['component', 'dry_run', ...BASE_LABELS.slice(1)];

/** Counts the requests of one server. Labels only contain served resources, so clients can't create new time series. */
export class RequestMetrics {
  readonly #totals: Counter;
  readonly #selfRequests: Counter;
  readonly #terminations: Counter;
  readonly #durations: Histogram;
  readonly #indicators: Histogram;
  readonly #deprecated: Gauge;
  readonly #sizes: Histogram;
  readonly #inFlight: Gauge;
  readonly #longRunning: Gauge;
  readonly #bodies: Histogram;
  readonly #fieldValidations: Histogram;

  constructor(registry: MetricsRegistry) {
    this.#totals = registry.counter({
      name: 'apiserver_request_total',
      labels: ['code', ...DRY_RUN_LABELS],
    });
    this.#selfRequests = registry.counter({
      name: 'apiserver_selfrequest_total',
      labels: ['group', 'resource', 'subresource', 'verb'],
    });
    this.#terminations = registry.counter({
      name: 'apiserver_request_terminations_total',
      labels: ['code', ...BASE_LABELS],
    });
    this.#durations = registry.histogram({
      name: 'apiserver_request_duration_seconds',
      labels: DRY_RUN_LABELS,
      buckets: DURATION_BUCKETS,
    });
    this.#indicators = registry.histogram({
      name: 'apiserver_request_sli_duration_seconds',
      labels: BASE_LABELS,
      buckets: SLI_BUCKETS,
    });
    this.#deprecated = registry.gauge({
      name: 'apiserver_requested_deprecated_apis',
      labels: ['group', 'removed_release', 'resource', 'subresource', 'version'],
    });
    this.#sizes = registry.histogram({
      name: 'apiserver_response_sizes',
      labels: BASE_LABELS,
      buckets: SIZE_BUCKETS,
    });
    this.#bodies = registry.histogram({
      name: 'apiserver_request_body_size_bytes',
      labels: ['group', 'resource', 'verb'],
      buckets: BODY_BUCKETS,
    });
    this.#fieldValidations = registry.histogram({
      name: 'field_validation_request_duration_seconds',
      labels: ['field_validation'],
      buckets: SLI_BUCKETS,
    });
    this.#inFlight = registry.gauge({
      name: 'apiserver_current_inflight_requests',
      labels: ['request_kind'],
    });
    this.#inFlight.set(['mutating'], 0);
    this.#inFlight.set(['readOnly'], 0);
    this.#longRunning = registry.gauge({
      name: 'apiserver_longrunning_requests',
      labels: BASE_LABELS,
    });
  }

  begin(kind: 'mutating' | 'readOnly'): void {
    this.#inFlight.add([kind], 1);
  }

  end(kind: 'mutating' | 'readOnly'): void {
    this.#inFlight.add([kind], -1);
  }

  /** Called with 1 when a long-running answer begins and with -1 when it ends. */
  longRunning(context: ServingContext, change: 1 | -1): void {
    this.#longRunning.add(labelsOf(context), change);
  }

  /** `bytes` and `seconds` are omitted for long-running answers. */
  record(
    context: ServingContext,
    { status, bytes, seconds }: { status: number; bytes?: number; seconds?: number },
  ): void {
    const labels = labelsOf(context);
    const withDryRun = [labels[0]!, dryRunOf(context.request.query), ...labels.slice(1)];
    if (this.#totals.add([String(status), ...withDryRun]) === 1) this.#noteDeprecated(context);
    const [, group = '', resource = '', , subresource = '', verbName = ''] = labels;
    if (context.terminated) this.#terminations.add([String(status), ...labels]);
    if (context.loopback) this.#selfRequests.add([group, resource, subresource, verbName]);
    if (seconds !== undefined) {
      this.#durations.observe(withDryRun, seconds);
      this.#indicators.observe(labels, seconds);
      this.#fieldValidations.observe([fieldValidationOf(context.request.query)], seconds);
    }
    if (bytes !== undefined) this.#sizes.observe(labels, bytes);
    const { verb } = context.requestInfo;
    if (context.served && BODY_VERBS.has(verb)) {
      const { group, resource } = context.served;
      this.#bodies.observe([group, resource, verb], context.request.body.byteLength);
    }
  }

  #noteDeprecated({ served }: ServingContext): void {
    const labels = served && deprecationLabels(served);
    if (labels !== undefined) this.#deprecated.set(labels, 1);
  }
}

function labelsOf({ request, requestInfo, served }: ServingContext): LabelValues {
  const { isResourceRequest } = requestInfo;
  const verb = served === undefined && isResourceRequest ? 'other' : knownVerb(requestInfo, request.headers);
  return [
    isResourceRequest ? 'apiserver' : '',
    served?.group ?? '',
    served?.resource ?? '',
    scopeOf(requestInfo),
    served?.subresource ?? (isResourceRequest ? '' : healthPath(requestInfo)),
    verb,
    served?.version ?? '',
  ];
}

/** Returns the path of a health check, which upstream reports separately so that it doesn't skew averages. */
function healthPath({ path }: RequestInfo): string {
  return HEALTH_PATHS.find((prefix) => path === prefix || path.startsWith(`${prefix}/`)) ?? '';
}

const FIELD_VALIDATIONS = new Set(['', 'Ignore', 'Warn', 'Strict']);

const NON_RESOURCE_VERBS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Maps verbs outside of the known set, which clients can choose freely, to `other`. */
function knownVerb(requestInfo: RequestInfo, headers: HeaderFields): string {
  const verb = verbLabel(requestInfo, headers);
  return requestInfo.isResourceRequest || NON_RESOURCE_VERBS.has(verb) ? verb : 'other';
}

/** Maps values other than upstream's, which clients can choose freely, to one label. */
function dryRunOf(query: URLSearchParams): string {
  const values = query.getAll('dryRun');
  if (values.length === 0) return '';
  return values.every((value) => value === 'All') ? 'All' : 'invalid';
}

/** `Ignore`, `Warn`, `Strict`, or '' if not set. Upstream defines the metric but records nothing in it. */
function fieldValidationOf(query: URLSearchParams): string {
  const [value = '', ...more] = query.getAll('fieldValidation');
  return more.length === 0 && FIELD_VALIDATIONS.has(value) ? value : 'invalid';
}

function deprecationLabels(served: NonNullable<ServingContext['served']>): LabelValues | undefined {
  const { group, version, resource, subresource } = served;
  const lifecycle = builtinResources().get(formatGroupVersion(served))?.resources[resource]?.lifecycle;
  if (lifecycle?.deprecated === undefined || !isReached(lifecycle.deprecated)) return undefined;
  return [group, lifecycle.removed ?? '', resource, subresource, version];
}
