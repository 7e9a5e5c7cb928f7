/** `--tracing-config-file` (https://github.com/kubernetes/component-base/blob/master/tracing/api/v1/config.go). */

import { aggregateFieldErrors, type FieldError, invalid } from '../../meta/field-error.ts';
import {
  ConfigFileError,
  type ConfigKind,
  decodeConfigFile,
  INTEGER,
  STRING,
} from '../../runtime/config-file.ts';
import { unsupported } from '../../util/unsupported.ts';

export interface TracingConfiguration {
  /** Address of an OTLP collector (gRPC), in gRPC's naming. */
  readonly endpoint: string;
  /** Number of sampled requests per million that don't belong to a trace yet. */
  readonly samplingRatePerMillion: number;
}

interface Written {
  readonly endpoint?: string;
  readonly samplingRatePerMillion?: number;
}

const CONFIGURATION: ConfigKind = {
  group: 'apiserver.config.k8s.io',
  versions: ['v1', 'v1beta1', 'v1alpha1'],
  kind: 'TracingConfiguration',
  fields: { endpoint: STRING, samplingRatePerMillion: INTEGER },
};
const DEFAULT_ENDPOINT = 'localhost:4317';
const MILLION = 1_000_000;
const SCHEMES: ReadonlySet<string> = new Set(['dns', 'unix', 'unix-abstract']);
const NAMING = 'https://github.com/grpc/grpc/blob/master/doc/naming.md';

/** Throws `ConfigFileError`. */
export async function parseTracingConfiguration(text: string): Promise<TracingConfiguration> {
  const { config } = await decodeConfigFile<Written>(text, CONFIGURATION);
  const errors = [...samplingErrors(config), ...endpointErrors(config)];
  if (errors.length > 0) {
    throw new ConfigFileError(`failed to validate tracing configuration: ${aggregateFieldErrors(errors)}`);
  }
  const { endpoint = DEFAULT_ENDPOINT, samplingRatePerMillion = 0 } = config;
  if (endpoint.startsWith('unix-abstract:')) unsupported('an abstract socket as the endpoint of traces', WHY);
  return { endpoint, samplingRatePerMillion };
}

const WHY = 'the gRPC client of Node.js reaches none';

function samplingErrors({ samplingRatePerMillion: rate }: Written): FieldError[] {
  const path = 'samplingRatePerMillion';
  if (rate === undefined) return [];
  if (rate < 0) return [invalid(path, rate, 'sampling rate must be positive')];
  if (rate <= MILLION) return [];
  return [invalid(path, rate, 'sampling rate per million must be less than or equal to one million')];
}

function endpointErrors({ endpoint }: Written): FieldError[] {
  if (endpoint === undefined) return [];
  const scheme = endpoint.includes('//') ? /^([a-z][a-z\d+.-]*):/i.exec(endpoint)?.[1] : 'dns';
  if (SCHEMES.has(scheme?.toLowerCase() ?? '')) return [];
  const options = `Options are none, dns, unix, or unix-abstract.  See ${NAMING}`;
  return [invalid('endpoint', endpoint, `unsupported scheme: ${scheme ?? ''}.  ${options}`)];
}
