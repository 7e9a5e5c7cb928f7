/** https://github.com/kubernetes/apiserver/blob/master/pkg/authentication/request/x509/x509.go */

import { createHash } from 'node:crypto';
import type { ApiRequest } from '../../request/api-request.ts';
import {
  AuthenticationError,
  type AuthenticatorResponse,
  type RequestAuthenticator,
} from '../authenticator.ts';
import { CREDENTIAL_ID_KEY } from '../credential-id.ts';
import type { Certificate } from './certificate.ts';
import type { ClientCertificateVerifier } from './verifier.ts';

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
/** Kubernetes' own attribute type for a user's UID. */
const USER_UID = '1.3.6.1.4.1.57683.2';

function subjectValues({ subjectAttributes }: Certificate, oid: string): string[] {
  return subjectAttributes.flatMap((attribute) =>
    attribute.oid === oid && attribute.value !== undefined ? [attribute.value] : [],
  );
}

/** Go keeps the last CN if there are several. */
export function commonName(certificate: Certificate): string {
  return subjectValues(certificate, COMMON_NAME).at(-1) ?? '';
}

function uidOf(certificate: Certificate): string {
  const uids = certificate.subjectAttributes.filter(({ oid }) => oid === USER_UID);
  if (uids.length === 0) return '';
  if (uids.length > 1) throw new AuthenticationError('expected 1 UID, but found multiple');
  const [{ value } = { value: undefined }] = uids;
  if (value === undefined) throw new AuthenticationError('unable to parse UID into a string');
  if (value === '') throw new AuthenticationError('UID cannot be an empty string');
  return value;
}

/** Undefined: no client certificates are accepted. */
export type GetVerifier = () => Promise<ClientCertificateVerifier | undefined>;

/** Authenticates by a verified client certificate, whose subject has the user's name (CN), groups (O) and UID. */
export class X509Authenticator implements RequestAuthenticator {
  readonly #verifier: GetVerifier;
  readonly #readsUID: boolean;
  readonly #certificateUsed: ((seconds: number) => void) | undefined;
  /** Keyed by certificate: the verifier returns the same object as long as it is valid. */
  readonly #responses = new WeakMap<Certificate, AuthenticatorResponse | null>();

  /** `readsUID`: accept a UID in the certificate (feature gate AllowParsingUserUIDFromCertAuth). */
  constructor(verifier: GetVerifier, readsUID = true, certificateUsed?: (secondsLeft: number) => void) {
    this.#verifier = verifier;
    this.#readsUID = readsUID;
    this.#certificateUsed = certificateUsed;
  }

  async authenticateRequest({ clientCertificates }: ApiRequest): Promise<AuthenticatorResponse | undefined> {
    if (!clientCertificates?.length) return undefined;
    const verifier = await this.#verifier();
    if (verifier === undefined) return undefined;
    const certificate = verifier.verify(clientCertificates);
    this.#certificateUsed?.((certificate.notAfter - Date.now()) / 1000);
    let response = this.#responses.get(certificate);
    if (response === undefined) {
      response = responseOf(certificate, this.#readsUID);
      this.#responses.set(certificate, response);
    }
    return response ?? undefined;
  }
}

/** Null for a certificate without a common name. */
function responseOf(certificate: Certificate, readsUID: boolean): AuthenticatorResponse | null {
  const name = commonName(certificate);
  if (name === '') return null;
  const fingerprint = createHash('sha256').update(certificate.raw).digest('hex');
  const user = {
    name,
    uid: readsUID ? uidOf(certificate) : '',
    groups: subjectValues(certificate, ORGANIZATION),
    extra: { [CREDENTIAL_ID_KEY]: [`X509SHA256=${fingerprint}`] },
  };
  return { user, audiences: [] };
}
