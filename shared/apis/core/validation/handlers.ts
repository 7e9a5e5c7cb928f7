/** Rules for probes and lifecycle hooks. */

import { type FieldError, forbidden, invalid, notSupported, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import type { IntOrString } from '../../../meta/int-or-string.ts';
import {
  isHTTPHeaderName,
  isValidPortName,
  isValidPortNum,
  validateNonnegativeField,
} from '../../../meta/validation/values.ts';
import { appendAll } from '../../../util/append-all.ts';
import type {
  GRPCAction,
  HTTPGetAction,
  Lifecycle,
  LifecycleHandler,
  PodOS,
  Probe,
  ProbeHandler,
} from '../v1/types.ts';
import { invalidEach } from './helpers.ts';
import { validateStopSignal } from './stop-signals.ts';

const HTTP_PROTOCOLS = ['HTTP1', 'HTTP2'];
const GRPC_MODES = ['Plaintext', 'TLS'];
const HTTP_SCHEMES = ['HTTP', 'HTTPS'];
const PROBE_NUMBERS = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const;

export function validatePortNumOrName(port: IntOrString, path: FieldPath): FieldError[] {
  return invalidEach(path, port, typeof port === 'number' ? isValidPortNum(port) : isValidPortName(port));
}

function validateHTTPGet(
  { path: url, port, scheme = '', httpHeaders, protocol, host }: HTTPGetAction,
  path: FieldPath,
): FieldError[] {
  const errors = url ? [] : [required(path.child('path'), '')];
  appendAll(errors, validatePortNumOrName(port ?? 0, path.child('port')));
  if (!HTTP_SCHEMES.includes(scheme)) errors.push(notSupported(path.child('scheme'), scheme, HTTP_SCHEMES));
  for (const { name } of httpHeaders ?? []) {
    appendAll(errors, invalidEach(path.child('httpHeaders'), name, isHTTPHeaderName(name)));
  }
  return [...errors, ...validateProtocol({ protocol, scheme, host }, path)];
}

/** HTTP/2 without TLS, to the pod itself only. */
function validateProtocol(
  { protocol, scheme, host }: Pick<HTTPGetAction, 'protocol' | 'scheme' | 'host'>,
  path: FieldPath,
): FieldError[] {
  const at = path.child('protocol');
  if (protocol === undefined) return [];
  if (!HTTP_PROTOCOLS.includes(protocol)) return [notSupported(at, protocol, HTTP_PROTOCOLS)];
  if (protocol !== 'HTTP2') return [];
  if (scheme !== 'HTTP') return [invalid(at, protocol, 'is only supported with HTTP (H2C)')];
  return host ? [invalid(path.child('host'), host, 'must be empty when `protocol` is "HTTP2"')] : [];
}

function validateGRPC({ port, mode }: GRPCAction, path: FieldPath): FieldError[] {
  const errors = validatePortNumOrName(port, path.child('port'));
  if (mode === undefined || GRPC_MODES.includes(mode)) return errors;
  return [...errors, notSupported(path.child('mode'), mode, GRPC_MODES)];
}

function validateSleep(seconds: number, gracePeriod: number | undefined, path: FieldPath): FieldError[] {
  // A missing grace period is reported elsewhere.
  if (gracePeriod === undefined || (seconds >= 0 && seconds <= gracePeriod)) return [];
  const detail = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`;
  return [invalid(path, seconds, detail)];
}

type Handler = ProbeHandler & LifecycleHandler;

/** Handlers of probes and hooks in upstream's order; the first one that is set counts. */
function validateHandler(handler: Handler, gracePeriod: number | undefined, path: FieldPath): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  const rules: readonly [string, unknown, (at: FieldPath) => FieldError[]][] = [
    ['exec', exec, (at) => (exec!.command?.length ? [] : [required(at.child('command'), '')])],
    ['httpGet', httpGet, (at) => validateHTTPGet(httpGet!, at)],
    ['tcpSocket', tcpSocket, (at) => validatePortNumOrName(tcpSocket!.port ?? 0, at.child('port'))],
    ['grpc', grpc, (at) => validateGRPC(grpc!, at)],
    ['sleep', sleep, (at) => validateSleep(sleep!.seconds, gracePeriod, at)],
  ];
  const present = rules.filter(([, value]) => value);
  if (present.length === 0) return [required(path, 'must specify a handler type')];
  return present.flatMap(([name, , validate], index) =>
    index === 0
      ? validate(path.child(name))
      : [forbidden(path.child(name), 'may not specify more than 1 handler type')],
  );
}

function validateProbe(probe: Probe, gracePeriod: number | undefined, path: FieldPath): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc } = probe;
  const errors = validateHandler({ exec, httpGet, tcpSocket, grpc }, gracePeriod, path);
  for (const field of PROBE_NUMBERS)
    appendAll(errors, validateNonnegativeField(probe[field], path.child(field)));
  const seconds = probe.terminationGracePeriodSeconds;
  if (seconds !== undefined && seconds <= 0) {
    errors.push(invalid(path.child('terminationGracePeriodSeconds'), seconds, 'must be greater than 0'));
  }
  return errors;
}

/** Liveness and startup probes require a success threshold of one. */
function validateOneSuccessProbe(
  probe: Probe | undefined,
  gracePeriod: number | undefined,
  path: FieldPath,
): FieldError[] {
  if (!probe) return [];
  const errors = validateProbe(probe, gracePeriod, path);
  const { successThreshold = 0 } = probe;
  if (successThreshold !== 1) {
    errors.push(invalid(path.child('successThreshold'), successThreshold, 'must be 1'));
  }
  return errors;
}

function validateReadinessProbe(
  probe: Probe | undefined,
  gracePeriod: number | undefined,
  path: FieldPath,
): FieldError[] {
  if (!probe) return [];
  const errors = validateProbe(probe, gracePeriod, path);
  const seconds = probe.terminationGracePeriodSeconds;
  if (seconds !== undefined) {
    const detail = 'must not be set for readinessProbes';
    errors.push(invalid(path.child('terminationGracePeriodSeconds'), seconds, detail));
  }
  return errors;
}

/** Properties of the pod on which the rules for hooks depend. */
export interface HandlerContext {
  readonly gracePeriod: number | undefined;
  readonly os: PodOS | undefined;
}

function validateLifecycle(
  lifecycle: Lifecycle,
  path: FieldPath,
  { gracePeriod, os }: HandlerContext,
): FieldError[] {
  const { postStart, preStop, stopSignal } = lifecycle;
  const errors: FieldError[] = [];
  for (const [field, hook] of Object.entries({ postStart, preStop })) {
    if (!hook) continue;
    const { exec, httpGet, tcpSocket, sleep } = hook;
    appendAll(errors, validateHandler({ exec, httpGet, tcpSocket, sleep }, gracePeriod, path.child(field)));
  }
  if (stopSignal !== undefined)
    appendAll(errors, validateStopSignal(stopSignal, path.child('stopSignal'), os));
  return errors;
}

export interface WithHandlers {
  readonly lifecycle?: Lifecycle | undefined;
  readonly livenessProbe?: Probe | undefined;
  readonly readinessProbe?: Probe | undefined;
  readonly startupProbe?: Probe | undefined;
}

/** Hooks and probes of a container that runs as long as its pod. */
export function validateHandlers(
  container: WithHandlers,
  path: FieldPath,
  context: HandlerContext,
): FieldError[] {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  const { gracePeriod } = context;
  return [
    ...(lifecycle ? validateLifecycle(lifecycle, path.child('lifecycle'), context) : []),
    ...validateOneSuccessProbe(livenessProbe, gracePeriod, path.child('livenessProbe')),
    ...validateReadinessProbe(readinessProbe, gracePeriod, path.child('readinessProbe')),
    ...validateOneSuccessProbe(startupProbe, gracePeriod, path.child('startupProbe')),
  ];
}
