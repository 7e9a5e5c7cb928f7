/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/certificates/certificates/strategy.go */

import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../../apis/certificates/v1/types.ts';
import { formatTime } from '../../../meta/time.ts';
import { nameIsPathSegment } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { compact } from '../../../util/compact.ts';
import { entryOf } from '../../../util/entry-of.ts';
import { once } from '../../../util/once.ts';
import { resetFields } from '../../generic/strategy-parts.ts';

const loadRules = once(() => import('../../../apis/certificates/validation/certificate-signing-request.ts'));

const API_VERSIONS = ['certificates.k8s.io/v1', 'certificates.k8s.io/v1beta1'];

type Conditions = readonly CertificateSigningRequestCondition[];
const conditionsOf = ({ status }: CertificateSigningRequest): Conditions => status.conditions ?? [];

/** Sets the requesting user from the request context, regardless of the object. */
export const certificateSigningRequestStrategy: RESTStrategy<CertificateSigningRequest> = {
  kind: { group: 'certificates.k8s.io', kind: 'CertificateSigningRequest' },
  namespaced: false,
  validateName: nameIsPathSegment,
  resetFields: resetFields(API_VERSIONS, 'spec', 'status'),
  prepareForCreate({ user }, csr) {
    const { request, signerName, expirationSeconds, usages } = csr.spec;
    csr.spec = compact({
      request,
      signerName,
      expirationSeconds,
      usages,
      username: user.name || undefined,
      uid: user.uid || undefined,
      groups: user.groups.length > 0 ? [...user.groups] : undefined,
      extra: extraOf(user.extra),
    });
    csr.status = {};
  },
  validate: async ({ requestInfo }, csr) =>
    (await loadRules()).validateCertificateSigningRequest(csr, requestInfo.apiVersion),
  /** Only metadata may change. */
  prepareForUpdate(_context, csr, old) {
    csr.spec = old.spec;
    csr.status = old.status;
  },
  validateUpdate: async ({ requestInfo }, csr, old) =>
    (await loadRules()).validateCertificateSigningRequestUpdate(csr, old, requestInfo.apiVersion),
};

function extraOf(extra: Readonly<Record<string, readonly string[]>>): Record<string, string[]> | undefined {
  const entries = Object.entries(extra).map(([key, values]) => [key, [...values]]);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** For signers: allows updates of the certificate, and of conditions other than approval and denial. */
export const certificateSigningRequestStatusStrategy: RESTStrategy<CertificateSigningRequest> = {
  ...certificateSigningRequestStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec', 'status.conditions'),
  prepareForUpdate(_context, csr, old) {
    csr.spec = old.spec;
    preserveConditions(csr, old, 'Approved');
    preserveConditions(csr, old, 'Denied');
    populateConditionTimestamps(csr, old);
  },
  validateUpdate: async ({ requestInfo }, csr, old) =>
    (await loadRules()).validateCertificateSigningRequestUpdate(csr, old, requestInfo.apiVersion, {
      sign: true,
    }),
};

/** For approvers: allows updates of conditions only. */
export const certificateSigningRequestApprovalStrategy: RESTStrategy<CertificateSigningRequest> = {
  ...certificateSigningRequestStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec', 'status.certificate'),
  prepareForUpdate(_context, csr, old) {
    populateConditionTimestamps(csr, old);
    const { conditions } = csr.status;
    csr.spec = old.spec;
    csr.status = compact({ ...old.status, conditions });
  },
  validateUpdate: async ({ requestInfo }, csr, old) =>
    (await loadRules()).validateCertificateSigningRequestUpdate(csr, old, requestInfo.apiVersion, {
      approve: true,
    }),
};

/** Keeps stored conditions of a type unless one was added or removed, which validation rejects. */
function preserveConditions(
  csr: CertificateSigningRequest,
  old: CertificateSigningRequest,
  type: string,
): void {
  const stored = conditionsOf(old).filter((condition) => condition.type === type);
  const given = conditionsOf(csr).filter((condition) => condition.type === type);
  if (stored.length === 0 || stored.length !== given.length) return;
  const kept = stored.values();
  csr.status.conditions = conditionsOf(csr).map((condition) =>
    condition.type === type ? kept.next().value! : condition,
  );
}

/** A condition keeps its transition time as long as its status doesn't change. */
function populateConditionTimestamps(csr: CertificateSigningRequest, old: CertificateSigningRequest): void {
  const now = formatTime(Date.now());
  const since = new Map<string, string>();
  for (const { type, status, lastTransitionTime } of conditionsOf(old)) {
    if (lastTransitionTime) entryOf(since, `${status}/${type}`, () => lastTransitionTime);
  }
  for (const condition of csr.status.conditions ?? []) {
    condition.lastUpdateTime ??= now;
    condition.lastTransitionTime ??= since.get(`${condition.status}/${condition.type}`) ?? now;
  }
}
