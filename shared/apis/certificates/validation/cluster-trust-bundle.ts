/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/certificates/validation/validation.go */

import { X509Certificate } from 'node:crypto';
import { type FieldError, invalid, invalidEach, tooLong } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { entryOf } from '../../../util/entry-of.ts';
import { decodePEM, type PEMBlock } from '../../../util/pem.ts';
import { validateClusterTrustBundleName, validateSignerName } from '../../core/validation/signer-names.ts';
import type { ClusterTrustBundle } from '../v1beta1/types.ts';

const METADATA = FieldPath.of('metadata');
const SIGNER = FieldPath.of('spec', 'signerName');
const TRUST_BUNDLE = FieldPath.of('spec', 'trustBundle');
const MAX_SIZE = 1024 * 1024;
const OMITTED_VALUE = '<value omitted>';

const validateExceptAnchors = ({ metadata, spec }: ClusterTrustBundle): FieldError[] => {
  const { signerName = '' } = spec;
  const { generateName, name } = metadata;
  const rule = validateClusterTrustBundleName(signerName);
  return [
    ...(generateName
      ? invalidEach(METADATA.child('generateName'), generateName, rule(generateName, 'prefix'))
      : []),
    ...(name ? invalidEach(METADATA.child('name'), name, rule(name)) : []),
    ...(signerName === '' ? [] : validateSignerName(SIGNER, signerName)),
  ];
};

export const validateClusterTrustBundle = (bundle: ClusterTrustBundle): FieldError[] => [
  ...validateExceptAnchors(bundle),
  ...validateAnchors(bundle.spec.trustBundle),
];

export const validateClusterTrustBundleUpdate = (
  bundle: ClusterTrustBundle,
  old: ClusterTrustBundle,
): FieldError[] => [
  ...validateExceptAnchors(bundle),
  ...(bundle.spec.trustBundle === old.spec.trustBundle ? [] : validateAnchors(bundle.spec.trustBundle)),
  ...validateImmutableField(bundle.spec.signerName ?? '', old.spec.signerName ?? '', SIGNER),
];

function validateAnchors(pem: string): FieldError[] {
  if (byteLength(pem) > MAX_SIZE) return [tooLong(TRUST_BUNDLE, MAX_SIZE)];
  const blocks = [...decodePEM(pem)];
  const refuse = (detail: string): FieldError => invalid(TRUST_BUNDLE, OMITTED_VALUE, detail);
  const errors = blocks.flatMap((block, index) => {
    const why = anchorError(block);
    return why === undefined ? [] : [refuse(`entry ${index} ${why}`)];
  });
  if (errors.length > 0) return errors;
  if (blocks.length === 0) return [refuse('at least one trust anchor must be provided')];
  const indices = new Map<string, number[]>();
  for (const [index, { bytes }] of blocks.entries()) {
    const key = Buffer.from(bytes).toString('base64');
    entryOf(indices, key, () => []).push(index);
  }
  return [...indices.values()]
    .filter((same) => same.length > 1)
    .map((same) => refuse(`duplicate trust anchor (indices [${same.join(' ')}])`));
}

function anchorError({ type, headers, bytes }: PEMBlock): string | undefined {
  if (type !== 'CERTIFICATE') return `has bad block type: ${type}`;
  if (headers.size > 0) return 'has PEM block headers';
  try {
    return new X509Certificate(bytes).ca ? undefined : 'does not have the CA bit set';
  } catch {
    return 'does not parse as X.509';
  }
}
