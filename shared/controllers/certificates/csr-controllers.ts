import type { SubjectAccessReview } from '../../apis/authorization/v1/types.ts';
import {
  type CertificateRequest,
  parseCertificateRequest,
  signatureError,
} from '../../apis/certificates/certificate-request.ts';
import { KUBELET_CLIENT_SIGNER } from '../../apis/certificates/signers.ts';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../apis/certificates/v1/types.ts';
import { parseCertificate } from '../../authn/x509/certificate.ts';
import { isConflict, isNotFound } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { lowest } from '../../util/extremes.ts';
import { type Change, type Controller, isResource } from '../controller.ts';
import { type CertificateAuthority, signCertificate } from './sign-certificate.ts';
import { commonNameOf, kubeletClientProblem, SIGNERS } from './signers.ts';

const CSRS = { group: 'certificates.k8s.io', version: 'v1', resource: 'certificatesigningrequests' };
const REVIEWS = { group: 'authorization.k8s.io', version: 'v1', resource: 'subjectaccessreviews' };
const HOUR = 3600_000;

const conditionOf = ({ status }: CertificateSigningRequest, type: string) =>
  status?.conditions?.find((condition) => condition.type === type);
const pemOf = (base64: string | undefined): string => Buffer.from(base64 ?? '', 'base64').toString();

/** Processes requests one at a time; keys are their names. */
abstract class CSRController implements Controller {
  abstract readonly name: string;
  protected readonly resources: ResourceAccess;

  constructor(resources: ResourceAccess) {
    this.resources = resources;
  }

  keysFor({ type, resource, name }: Change): string[] {
    return type !== 'DELETED' && isResource(resource, CSRS.group, CSRS.resource) ? [name] : [];
  }

  async allKeys(): Promise<string[]> {
    const { items } = await this.resources.lister<CertificateSigningRequest>(CSRS).snapshot(0);
    return items.map(({ metadata }) => metadata.name!);
  }

  async reconcile(name: string): Promise<number | undefined> {
    const csr = await this.resources.lister<CertificateSigningRequest>(CSRS).get('', name, 0);
    if (csr === undefined) return undefined;
    try {
      return await this.handle(csr);
    } catch (error) {
      // The conflicting write queues the key again.
      if (isConflict(error) || isNotFound(error)) return undefined;
      throw error;
    }
  }

  protected abstract handle(csr: CertificateSigningRequest): Promise<number | undefined>;

  protected async update(
    csr: CertificateSigningRequest,
    subresource: 'status' | 'approval',
    status: CertificateSigningRequest['status'],
  ): Promise<undefined> {
    const { name } = csr.metadata;
    const object = {
      ...csr,
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      status,
    };
    await this.resources.client.update(CSRS, object, { name, subresource });
  }

  protected withCondition(
    { status }: CertificateSigningRequest,
    condition: Pick<CertificateSigningRequestCondition, 'type' | 'reason' | 'message'>,
  ): CertificateSigningRequest['status'] {
    return { ...status, conditions: [...(status?.conditions ?? []), { ...condition, status: 'True' }] };
  }
}

export interface CSRSigningOptions {
  /** Called when there is something to sign. */
  readonly authority: () => Promise<CertificateAuthority>;
  readonly maxDurationMs: number;
  readonly now?: () => number;
}

/**
 * Signs approved requests for Kubernetes' own signers
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/certificates/signer/signer.go).
 */
export class CSRSigningController extends CSRController {
  readonly name = 'certificatesigningrequest-signing-controller';
  readonly #options: CSRSigningOptions;

  constructor(resources: ResourceAccess, options: CSRSigningOptions) {
    super(resources);
    this.#options = options;
  }

  protected async handle(csr: CertificateSigningRequest): Promise<undefined> {
    const { signerName, usages = [], expirationSeconds, request } = csr.spec;
    const problemOf = SIGNERS.get(signerName);
    if (problemOf === undefined || csr.status?.certificate || !conditionOf(csr, 'Approved')) return;
    if (conditionOf(csr, 'Denied') || conditionOf(csr, 'Failed')) return;
    const { authority, maxDurationMs, now = Date.now } = this.#options;
    let parsed: CertificateRequest;
    let problem: string | undefined;
    try {
      parsed = parseCertificateRequest(pemOf(request));
      problem = signatureError(parsed) ?? problemOf(parsed, usages);
    } catch (error) {
      problem = (error as Error).message;
    }
    if (problem !== undefined) {
      const failed = { type: 'Failed', reason: 'SignerValidationFailure', message: problem };
      await this.update(csr, 'status', this.withCondition(csr, failed));
      return;
    }
    const policy = { usages, expirationSeconds: expirationSeconds ?? undefined, maxDurationMs, now: now() };
    const certificate = Buffer.from(await signCertificate(parsed!, await authority(), policy)).toString(
      'base64',
    );
    await this.update(csr, 'status', { ...csr.status, certificate });
  }
}

/**
 * Approves requests for kubelets' client certificates, if the requester is allowed to make them
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/certificates/approver/sarapprove.go).
 */
export class CSRApprovingController extends CSRController {
  readonly name = 'certificatesigningrequest-approving-controller';

  protected async handle(csr: CertificateSigningRequest): Promise<undefined> {
    const { signerName, usages = [], request } = csr.spec;
    if (signerName !== KUBELET_CLIENT_SIGNER || csr.status?.certificate) return;
    if (conditionOf(csr, 'Approved') || conditionOf(csr, 'Denied')) return;
    let parsed: CertificateRequest;
    try {
      parsed = parseCertificateRequest(pemOf(request));
    } catch {
      return;
    }
    if (kubeletClientProblem(parsed, usages) !== undefined) return;
    const isOwn = csr.spec.username === commonNameOf(parsed);
    if (isOwn && (await this.#mayCreate(csr, 'selfnodeclient'))) {
      await this.#approve(csr, 'self kubelet client certificate');
    } else if (await this.#mayCreate(csr, 'nodeclient'))
      await this.#approve(csr, 'kubelet client certificate');
  }

  async #mayCreate({ spec }: CertificateSigningRequest, subresource: string): Promise<boolean> {
    const { username, uid, groups, extra } = spec;
    const { group, resource } = CSRS;
    const resourceAttributes = { group, resource, verb: 'create', subresource, version: '*' };
    const review: SubjectAccessReview = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      metadata: {},
      spec: { user: username, uid, groups, extra, resourceAttributes },
      status: { allowed: false },
    };
    const { status } = await this.resources.client.create(REVIEWS, review);
    return status?.allowed === true;
  }

  async #approve(csr: CertificateSigningRequest, what: string): Promise<void> {
    const message = `Auto approving ${what} after SubjectAccessReview.`;
    const approved = this.withCondition(csr, { type: 'Approved', reason: 'AutoApproved', message });
    await this.update(csr, 'approval', approved);
  }
}

/**
 * Deletes requests an hour after they are done, and pending ones after a day
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/certificates/cleaner/cleaner.go).
 */
export class CSRCleaner extends CSRController {
  readonly name = 'certificatesigningrequest-cleaner-controller';
  readonly #now: () => number;

  constructor(resources: ResourceAccess, now = Date.now) {
    super(resources);
    this.#now = now;
  }

  protected async handle(csr: CertificateSigningRequest): Promise<number | undefined> {
    const now = this.#now();
    const end = endOf(csr);
    if (end === undefined) return undefined;
    if (end > now) return end - now;
    const { name, uid } = csr.metadata;
    await this.resources.client.delete(CSRS, { name: name!, ...(uid && { preconditions: { uid } }) });
    return undefined;
  }
}

/** When to delete the request, in milliseconds since the epoch; undefined: never. */
function endOf({ metadata, status }: CertificateSigningRequest): number | undefined {
  const { conditions = [], certificate } = status ?? {};
  const timeOf = (time: string | undefined, after: number): number[] =>
    time ? [Date.parse(time) + after] : [];
  if (conditions.length === 0) return timeOf(metadata.creationTimestamp, 24 * HOUR)[0];
  const ends = conditions.flatMap(({ type, lastUpdateTime }) => {
    const isDone = type === 'Denied' || type === 'Failed' || (type === 'Approved' && Boolean(certificate));
    return isDone ? timeOf(lastUpdateTime, HOUR) : [];
  });
  if (certificate && conditions.some(({ type }) => type === 'Approved')) {
    try {
      ends.push(parseCertificate(pemOf(certificate)).notAfter);
    } catch {
      // Without a valid certificate only the conditions count.
    }
  }
  return ends.length === 0 ? undefined : lowest(ends);
}
