import { expect, test } from 'vitest';
import { parseTracingConfiguration } from '../../../shared/server/tracing/tracing-configuration.ts';

const file = (fields: object, version = 'v1') =>
  JSON.stringify({
    apiVersion: `apiserver.config.k8s.io/${version}`,
    kind: 'TracingConfiguration',
    ...fields,
  });

test.each([
  [file({}), 'localhost:4317', 0],
  [file({}, 'v1beta1'), 'localhost:4317', 0],
  [file({ samplingRatePerMillion: 1_000_000 }, 'v1alpha1'), 'localhost:4317', 1_000_000],
  [file({ endpoint: 'collector:4317', samplingRatePerMillion: 5 }), 'collector:4317', 5],
  [file({ endpoint: 'dns:///collector:4317' }), 'dns:///collector:4317', 0],
  [file({ endpoint: 'unix:///run/collector.sock' }), 'unix:///run/collector.sock', 0],
])('%s', async (text, endpoint, samplingRatePerMillion) => {
  expect(await parseTracingConfiguration(text)).toEqual({ endpoint, samplingRatePerMillion });
});

const INVALID = 'failed to validate tracing configuration: ';
const NAMING =
  'Options are none, dns, unix, or unix-abstract.  See https://github.com/grpc/grpc/blob/master/doc/naming.md';

test.each([
  [
    file({ samplingRatePerMillion: -1 }),
    `${INVALID}samplingRatePerMillion: Invalid value: -1: sampling rate must be positive`,
  ],
  [
    file({ samplingRatePerMillion: 1_000_001, endpoint: 'https://x' }),
    `${INVALID}[samplingRatePerMillion: Invalid value: 1000001: sampling rate per million must be less than or equal to one million, endpoint: Invalid value: "https://x": unsupported scheme: https.  ${NAMING}]`,
  ],
  [
    file({ endpoint: 'unix-abstract://x' }),
    'an abstract socket as the endpoint of traces is not supported: the gRPC client of Node.js reaches none',
  ],
  [file({ sampling: 1 }), 'strict decoding error: unknown field "sampling"'],
  [file({}, 'v2'), 'no kind "TracingConfiguration" is registered for version "apiserver.config.k8s.io/v2"'],
])('%s is rejected', async (text, message) => {
  const failure = await parseTracingConfiguration(text).catch((error: Error) => error.message);
  expect(failure).toBe(message);
});
