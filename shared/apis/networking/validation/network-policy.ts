/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/networking/validation/validation.go */

import {
  type FieldError,
  forbidden,
  invalid,
  invalidEach,
  notSupported,
  required,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { isValidCIDRForLegacyField, legacyCIDRErrors } from '../../../meta/validation/ip.ts';
import {
  type LabelSelectorValidationOptions,
  validateLabelSelector,
} from '../../../meta/validation/label-selector.ts';
import { isValidPortName, isValidPortNum } from '../../../meta/validation/values.ts';
import { appendAll } from '../../../util/append-all.ts';
import { type CIDR, parseCIDR, rangeSize } from '../../../util/ip.ts';
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../v1/types.ts';

const SPEC = FieldPath.of('spec');
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];
const POLICY_TYPES = ['Ingress', 'Egress'];

interface Tolerance extends LabelSelectorValidationOptions {
  /** The CIDRs in the stored policy. */
  readonly cidrs: ReadonlySet<string>;
}

/** `old` is the stored policy, whose violations an update may keep. */
export function validateNetworkPolicy({ spec }: NetworkPolicy, old?: NetworkPolicy): FieldError[] {
  const tolerance: Tolerance = {
    allowInvalidLabelValueInSelector:
      old !== undefined && validateLabelSelector(old.spec.podSelector, SPEC).length > 0,
    cidrs: new Set(old && cidrsOf(old)),
  };
  const errors = validateLabelSelector(spec.podSelector, SPEC.child('podSelector'), tolerance);
  const rules = [
    ...(spec.ingress ?? []).map(({ ports, from }, index) => ({ side: 'ingress', index, ports, peers: from })),
    ...(spec.egress ?? []).map(({ ports, to }, index) => ({ side: 'egress', index, ports, peers: to })),
  ];
  for (const { side, index, ports, peers } of rules) {
    const path = SPEC.child(side).index(index);
    for (const [at, port] of (ports ?? []).entries()) {
      appendAll(errors, validatePort(port, path.child('ports').index(at)));
    }
    const peersPath = path.child(side === 'ingress' ? 'from' : 'to');
    for (const [at, peer] of (peers ?? []).entries()) {
      appendAll(errors, validatePeer(peer, peersPath.index(at), tolerance));
    }
  }
  return errors.concat(validatePolicyTypes(spec.policyTypes ?? [], SPEC.child('policyTypes')));
}

function validatePolicyTypes(types: readonly string[], path: FieldPath): FieldError[] {
  if (types.length > POLICY_TYPES.length) {
    return [invalid(path, types, 'may not specify more than two policyTypes')];
  }
  return types.flatMap((type, index) =>
    POLICY_TYPES.includes(type) ? [] : [notSupported(path.index(index), type, POLICY_TYPES)],
  );
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (protocol !== undefined && !PROTOCOLS.includes(protocol)) {
    errors.push(notSupported(path.child('protocol'), protocol, PROTOCOLS));
  }
  const end = path.child('endPort');
  if (typeof port === 'number') {
    appendAll(errors, invalidEach(path.child('port'), port, isValidPortNum(port)));
    if (endPort === undefined) return errors;
    if (endPort < port) errors.push(invalid(end, endPort, 'must be greater than or equal to `port`'));
    return errors.concat(invalidEach(end, endPort, isValidPortNum(endPort)));
  }
  if (endPort !== undefined) {
    const why = port === undefined ? 'not specified' : 'non-numeric';
    errors.push(invalid(end, endPort, `may not be specified when \`port\` is ${why}`));
  }
  if (port !== undefined) appendAll(errors, invalidEach(path.child('port'), port, isValidPortName(port)));
  return errors;
}

function validatePeer(peer: NetworkPolicyPeer, path: FieldPath, tolerance: Tolerance): FieldError[] {
  const errors: FieldError[] = [];
  const selectors = (['podSelector', 'namespaceSelector'] as const).filter((field) => peer[field]);
  for (const field of selectors) {
    appendAll(errors, validateLabelSelector(peer[field], path.child(field), tolerance));
  }
  if (peer.ipBlock) appendAll(errors, validateIPBlock(peer.ipBlock, path.child('ipBlock'), tolerance));
  if (selectors.length === 0 && !peer.ipBlock) errors.push(required(path, 'must specify a peer'));
  if (selectors.length > 0 && peer.ipBlock) {
    errors.push(forbidden(path, 'may not specify both ipBlock and another peer'));
  }
  return errors;
}

function validateIPBlock({ cidr, except }: IPBlock, path: FieldPath, { cidrs }: Tolerance): FieldError[] {
  if (cidr === '') return [required(path.child('cidr'), '')];
  const errors = isValidCIDRForLegacyField(path.child('cidr'), cidr, cidrs);
  const range = parseCIDR(cidr);
  if (range === undefined) return errors;
  const exceptPath = path.child('except');
  for (const [index, text] of (except ?? []).entries()) {
    const at = exceptPath.index(index);
    const inner = parseCIDR(text);
    if (!cidrs.has(text)) appendAll(errors, legacyCIDRErrors(at, text, inner));
    if (inner !== undefined && !isStrictSubset(inner, range)) {
      errors.push(invalid(at, text, 'must be a strict subset of `cidr`'));
    }
  }
  return errors;
}

function isStrictSubset(inner: CIDR, outer: CIDR): boolean {
  const { family } = outer.address;
  if (inner.address.family !== family || inner.prefixLength <= outer.prefixLength) return false;
  const offset = inner.base - outer.base;
  return offset >= 0n && offset < rangeSize(family, outer.prefixLength);
}

function ipBlocksWithPath({ spec }: NetworkPolicy): { block: IPBlock; path: FieldPath }[] {
  const peers = [
    ...(spec.ingress ?? []).flatMap(({ from }, index) =>
      (from ?? []).map((peer, at) => ({
        peer,
        path: SPEC.child('ingress').index(index).child('from').index(at),
      })),
    ),
    ...(spec.egress ?? []).flatMap(({ to }, index) =>
      (to ?? []).map((peer, at) => ({ peer, path: SPEC.child('egress').index(index).child('to').index(at) })),
    ),
  ];
  return peers.flatMap(({ peer, path }) =>
    peer.ipBlock ? [{ block: peer.ipBlock, path: path.child('ipBlock') }] : [],
  );
}

/** All CIDRs of a policy with their paths. */
export function networkPolicyCIDRs(policy: NetworkPolicy): { cidr: string; path: FieldPath }[] {
  return ipBlocksWithPath(policy).flatMap(({ block, path }) => {
    const exceptPath = path.child('except');
    return [
      { cidr: block.cidr, path: path.child('cidr') },
      ...(block.except ?? []).map((cidr, index) => ({ cidr, path: exceptPath.index(index) })),
    ];
  });
}

const cidrsOf = (policy: NetworkPolicy): string[] => networkPolicyCIDRs(policy).map(({ cidr }) => cidr);
