/** The API model of a server's own groups and paths. */

import { formatGroupVersion, type GroupVersion, type GroupVersionKind } from '../../runtime/group-version.ts';
import type { Scheme } from '../../runtime/scheme.ts';
import type { ResourceDiscovery } from '../discovery/discovery-source.ts';
import type { OpenAPIDescriptions } from './openapi-descriptions.ts';
import type { OpenAPIModel, OperationModel } from './openapi-model.ts';
import { nameOperation, toIdentifier } from './operation-names.ts';
import { OptionParameters } from './option-parameters.ts';
import { ResourcePaths } from './resource-paths.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Media types of watches, as upstream names them. */
const STREAMS: Readonly<Record<string, string>> = {
  'application/json': 'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf': 'application/vnd.kubernetes.protobuf;stream=watch',
  'application/cbor': 'application/cbor-seq',
};

/** OpenID metadata documents for relying parties, by path. */
const METADATA = new Map([
  [
    '.well-known/openid-configuration',
    {
      operationId: 'getServiceAccountIssuerOpenIDConfiguration',
      tags: ['WellKnown'],
      description: "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'",
      mediaType: 'application/json',
    },
  ],
  [
    'openid/v1/jwks',
    {
      operationId: 'getServiceAccountIssuerOpenIDKeyset',
      tags: ['openid'],
      description:
        'get service account issuer OpenID JSON Web Key Set (contains public token verification keys)',
      mediaType: 'application/jwk-set+json',
    },
  ],
]);

export interface BuiltinOpenAPIOptions {
  readonly scheme: Scheme;
  /** Media types of objects, not of watches. */
  readonly mediaTypes: readonly string[];
  readonly patchTypes: readonly string[];
}

export function groupVersionModel(
  gv: GroupVersion,
  resources: readonly ResourceDiscovery[],
  descriptions: OpenAPIDescriptions,
  options: BuiltinOpenAPIOptions,
): OpenAPIModel {
  const { scheme, mediaTypes, patchTypes } = options;
  const root = `/${gv.group === '' ? 'api' : 'apis'}/${formatGroupVersion(gv)}/`;
  const paths = new ResourcePaths({
    parameters: new OptionParameters(scheme.tables, descriptions),
    mediaTypes,
    streamMediaTypes: mediaTypes.flatMap((mediaType) => STREAMS[mediaType] ?? []),
    patchTypes,
    definitionOf: (gvk: GroupVersionKind) => scheme.knownType(gvk).definition,
    hasGetOptions: false,
    hasWatchPaths: true,
  });
  for (const resource of resources) paths.add(gv, resource);
  const list: OperationModel = {
    ...nameOperation('getAPIResources', root),
    ...readOnly('get available resources', `${META}.APIResourceList`, mediaTypes),
  };
  return { paths: new Map([[root, { get: list }], ...paths.paths()]), groupVersion: gv };
}

/** The model of a path above group versions (`api`, `apis`, `apis/apps`) or of `version`. */
export function rootModel(path: string, { mediaTypes }: BuiltinOpenAPIOptions): OpenAPIModel {
  return { paths: new Map([[`/${path}/`, { get: rootOperation(path, mediaTypes) }]]) };
}

function rootOperation(path: string, mediaTypes: readonly string[]): OperationModel {
  const versions = 'get available API versions';
  if (path === 'api') {
    const operation = { operationId: 'getCoreAPIVersions', tags: ['core'] };
    return { ...operation, ...readOnly(versions, `${META}.APIVersions`, mediaTypes) };
  }
  if (path === 'apis') {
    const operation = { operationId: 'getAPIVersions', tags: ['apis'] };
    return { ...operation, ...readOnly(versions, `${META}.APIGroupList`, mediaTypes) };
  }
  if (path === 'version') {
    const operation = { operationId: 'getCodeVersion', tags: ['version'] };
    const info = 'io.k8s.apimachinery.pkg.version.Info';
    const description = 'get the version information for this server';
    return { ...operation, ...readOnly(description, info, ['application/json']) };
  }
  const metadata = METADATA.get(path);
  if (metadata !== undefined) {
    const { mediaType, ...operation } = metadata;
    return {
      ...operation,
      parameters: [],
      consumes: [],
      produces: [mediaType],
      responses: { 200: 'string' },
    };
  }
  const group = path.slice('apis/'.length).replace(/\.k8s\.io$/, '');
  return {
    operationId: `get${toIdentifier(group, 'PascalCase')}APIGroup`,
    tags: nameOperation('get', `/${path}`).tags,
    ...readOnly('get information of a group', `${META}.APIGroup`, mediaTypes),
  };
}

function readOnly(
  description: string,
  definition: string,
  mediaTypes: readonly string[],
): Omit<OperationModel, 'operationId' | 'tags'> {
  return {
    description,
    parameters: [],
    consumes: mediaTypes,
    produces: mediaTypes,
    responses: { 200: { definition } },
  };
}
