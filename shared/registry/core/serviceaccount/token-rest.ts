/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/core/serviceaccount/storage/token.go */

import type { TokenRequest } from '../../../apis/authentication/v1/types.ts';
import {
  isWebhookReference,
  validateTokenRequest,
} from '../../../apis/authentication/validation/token-request.ts';
import type { Node, Pod, Secret, ServiceAccount } from '../../../apis/core/v1/types.ts';
import {
  boundClaims,
  EXPIRATION_EXTENSION_SECONDS,
  WARN_ONLY_BOUND_TOKEN_EXPIRATION_SECONDS,
} from '../../../authn/serviceaccount/claims.ts';
import type { ServiceAccountTokenGenerator } from '../../../authn/serviceaccount/token-generator.ts';
import { credentialIDForJTI, ISSUED_CREDENTIAL_ID_KEY } from '../../../authn/serviceaccount/user-extra.ts';
import { invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import type { KubeObject } from '../../../meta/kube-object.ts';
import { isNotFound, newBadRequest, newConflict, newInvalid } from '../../../meta/status-error.ts';
import { formatTime } from '../../../meta/time.ts';
import { type RequestContext, withRequestInfo } from '../../../request/request-context.ts';
import {
  type Getter,
  type NamedCreater,
  type RESTObject,
  restObject,
  type ValidateObject,
} from '../../../rest/rest-storage.ts';
import { quote } from '../../../runtime/go-format.ts';
import {
  formatGroupVersionKind,
  type GroupResource,
  parseGroupVersion,
} from '../../../runtime/group-version.ts';
import { deepCopy } from '../../../util/deep-copy.ts';
import { unsupported } from '../../../util/unsupported.ts';
import { TOKEN_REQUEST } from '../subresource-kinds.ts';

export interface TokenRESTOptions {
  readonly serviceAccounts: Getter;
  readonly pods: Getter;
  readonly secrets: Getter;
  readonly nodes: Getter;
  readonly generator: ServiceAccountTokenGenerator;
  /** Audiences of tokens for which none are requested. */
  readonly apiAudiences: readonly string[];
  /** Seconds; 0: no limit. */
  readonly maxExpirationSeconds: number;
  /** Extends tokens requested by kubelets to a year. Their use after the requested hour is reported. */
  readonly extendExpiration: boolean;
  readonly now?: () => number;
}

const WEBHOOK_TOKENS = 'APIServerWebhookAuthenticationToken';

function refuseWebhook({ featureEnabled }: RequestContext, kind: string): never {
  if (featureEnabled(WEBHOOK_TOKENS)) unsupported('a token bound to a webhook', 'none are issued');
  throw newBadRequest(
    `cannot bind token to object of type ${kind} (feature gate ${WEBHOOK_TOKENS} is disabled)`,
  );
}

/** The objects to which a token is bound. */
interface Binding {
  readonly pod?: Pod;
  readonly node?: Node;
  readonly secret?: Secret;
}

/** `serviceaccounts/token`: issues tokens (`kubectl create token`). */
export class TokenREST implements NamedCreater {
  readonly groupResource: GroupResource = { group: '', resource: 'serviceaccounts' };
  readonly #options: TokenRESTOptions;

  constructor(options: TokenRESTOptions) {
    this.#options = options;
  }

  async createNamed(
    context: RequestContext,
    name: string,
    object: KubeObject,
    validate: ValidateObject,
  ): Promise<RESTObject> {
    const request = object as TokenRequest;
    const { namespace } = context.requestInfo;
    this.#checkNames(request, namespace, name);
    const serviceAccount = await this.#get<ServiceAccount>('serviceAccounts', context, name);
    const now = Math.floor((this.#options.now?.() ?? Date.now()) / 1000);

    const { spec, metadata } = request;
    const { uid } = serviceAccount.metadata;
    if (metadata.uid && metadata.uid !== uid) {
      const { group, kind: resource } = TOKEN_REQUEST;
      const why = `the UID in the token request (${metadata.uid}) does not match the UID of the service account (${uid})`;
      if (context.featureEnabled('TokenRequestServiceAccountUIDValidation')) {
        throw newConflict({ group, resource }, name, why);
      }
      context.audit.addAnnotation('authentication.k8s.io/token-request-uid-mismatch', why);
    }
    metadata.uid = uid;
    const audiences = spec.audiences?.length ? spec.audiences : [...this.#options.apiAudiences];
    spec.audiences = audiences;
    metadata.name = name;
    metadata.namespace = namespace;
    metadata.creationTimestamp = formatTime(now * 1000);
    request.status = { token: '' };
    const errors = validateTokenRequest(request);
    if (errors.length > 0) throw newInvalid(TOKEN_REQUEST, '', errors);
    await validate(deepCopy(request));

    const binding = await this.#binding(context, name, request);
    this.#limitExpiration(context, request);
    const { expirationSeconds = 0 } = spec;
    const extended =
      this.#options.extendExpiration &&
      binding.pod !== undefined &&
      expirationSeconds === WARN_ONLY_BOUND_TOKEN_EXPIRATION_SECONDS &&
      audiences.every((audience) => this.#options.apiAudiences.includes(audience));
    const claims = boundClaims({
      serviceAccount,
      ...binding,
      audiences,
      now,
      expirationSeconds: extended ? EXPIRATION_EXTENSION_SECONDS : expirationSeconds,
      warnAfterSeconds: extended ? expirationSeconds : 0,
    });
    request.status = {
      token: await this.#options.generator.generateToken(claims),
      expirationTimestamp: formatTime((now + expirationSeconds) * 1000),
    };
    context.audit.addAnnotation(ISSUED_CREDENTIAL_ID_KEY, credentialIDForJTI(claims.jti));
    return restObject(request);
  }

  #checkNames({ metadata }: TokenRequest, namespace: string, name: string): void {
    const check = (field: 'name' | 'namespace', wanted: string) => {
      const given = metadata[field];
      if (!given || given === wanted) return;
      const detail = `must match the service account ${field} if specified`;
      throw newInvalid(TOKEN_REQUEST, name, [invalid(FieldPath.of('metadata', field), given, detail)]);
    };
    check('name', name);
    check('namespace', namespace);
  }

  #limitExpiration(context: RequestContext, { spec }: TokenRequest): void {
    const { maxExpirationSeconds: max } = this.#options;
    if (max <= 0 || (spec.expirationSeconds ?? 0) <= max) return;
    context.addWarning(
      `requested expiration of ${spec.expirationSeconds} seconds shortened to ${max} seconds`,
    );
    spec.expirationSeconds = max;
  }

  async #get<T extends KubeObject>(
    from: 'serviceAccounts' | 'pods' | 'secrets' | 'nodes',
    context: RequestContext,
    name: string,
  ): Promise<T> {
    const of = from === 'nodes' ? withRequestInfo(context, { namespace: '' }) : context;
    return (await this.#options[from].get(of, name, {})).object() as T;
  }

  async #binding(context: RequestContext, name: string, { spec }: TokenRequest): Promise<Binding> {
    const { boundObjectRef: ref } = spec;
    if (!ref) return {};
    const gvk = {
      ...(parseGroupVersion(ref.apiVersion ?? '') ?? { group: '', version: '' }),
      kind: ref.kind ?? '',
    };
    if (isWebhookReference(ref)) refuseWebhook(context, formatGroupVersionKind(gvk));
    const kinds: Record<string, (() => Promise<Binding>) | undefined> = {
      Pod: () => this.#podBinding(context, name, ref.name ?? ''),
      Secret: async () => ({ secret: await this.#get<Secret>('secrets', context, ref.name ?? '') }),
      Node: async () => ({ node: await this.#get<Node>('nodes', context, ref.name ?? '') }),
    };
    const read = gvk.group === '' && Object.hasOwn(kinds, gvk.kind) ? kinds[gvk.kind] : undefined;
    if (read === undefined) {
      throw newBadRequest(`cannot bind token to object of type ${formatGroupVersionKind(gvk)}`);
    }
    const binding = await read();
    const uid = (binding.pod ?? binding.secret ?? binding.node)?.metadata.uid ?? '';
    if (ref.uid && ref.uid !== uid) {
      const why = `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`;
      throw newConflict({ group: gvk.group, resource: gvk.kind }, ref.name ?? '', why);
    }
    return binding;
  }

  async #podBinding(context: RequestContext, name: string, podName: string): Promise<Binding> {
    const pod = await this.#get<Pod>('pods', context, podName);
    if (pod.spec.serviceAccountName !== name) {
      throw newBadRequest(
        `cannot bind token for serviceaccount ${quote(name)} to pod running with different serviceaccount name.`,
      );
    }
    const { nodeName } = pod.spec;
    if (!nodeName) return { pod };
    try {
      return { pod, node: await this.#get<Node>('nodes', context, nodeName) };
    } catch (error) {
      // The name alone still indicates where the pod runs.
      if (isNotFound(error))
        return { pod, node: { metadata: { name: nodeName }, spec: {}, status: {} } as Node };
      throw error;
    }
  }
}
