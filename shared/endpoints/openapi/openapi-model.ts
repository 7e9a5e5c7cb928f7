/** Model of a group version's API, from which OpenAPI 2 and 3 documents are generated. */

import type { GroupVersion, GroupVersionKind } from '../../runtime/group-version.ts';
import type { OpenAPIDescriptions } from './openapi-descriptions.ts';

export type OpenAPIVersion = 2 | 3;

/** JSON schema in the dialect of the document's version. */
export type OpenAPISchema = { [keyword: string]: unknown };

export interface ParameterModel {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly type: 'string' | 'integer' | 'boolean';
  readonly description?: string | undefined;
}

/** The type of a request or response body: a definition by name, or plain text. */
export type ContentModel = { readonly definition: string } | 'string';

export type HTTPMethod = 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch';

export interface OperationModel {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly description: string;
  readonly parameters: readonly ParameterModel[];
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
  readonly body?: { readonly content: ContentModel; readonly required: boolean } | undefined;
  /** By status code. */
  readonly responses: Readonly<Record<string, ContentModel>>;
  /** `x-kubernetes-action` */
  readonly action?: string | undefined;
  readonly gvk?: GroupVersionKind | undefined;
}

export type PathModel = Partial<Record<HTTPMethod, OperationModel>>;

/** A definition that is in no type table, such as a custom resource's. */
export interface OwnDefinition {
  schema(version: OpenAPIVersion): OpenAPISchema;
  /** Definitions to which it refers. */
  readonly references: readonly string[];
}

interface PartState {
  /** Below `/openapi/v3`: `apis/apps/v1`, `api/v1`, `version`. */
  readonly path: string;
  /** The inputs of the documents as text, which changes whenever they do. Much cheaper than the documents. */
  state(): string;
}

/** A part of this server. */
export interface LocalOpenAPIPart extends PartState {
  /** Called once, on first use of the part. */
  model(descriptions: OpenAPIDescriptions): Promise<OpenAPIModel>;
}

/** A part of another server, which generates the documents. */
export interface RemoteOpenAPIPart extends PartState {
  /** The OpenAPI 3 document. Rejects if the server can't provide it. */
  document(): Promise<OpenAPISchema>;
  /** The OpenAPI 2 document of this part; undefined if the server can't provide it. */
  swagger(): Promise<Swagger | undefined>;
}

/** An OpenAPI 3 document, and its contribution to the OpenAPI 2 document. */
export type OpenAPIPart = LocalOpenAPIPart | RemoteOpenAPIPart;

/** The mergeable sections of an OpenAPI 2 document. */
export interface Swagger {
  readonly paths: Readonly<Record<string, OpenAPISchema>>;
  readonly definitions: Readonly<Record<string, OpenAPISchema>>;
  readonly parameters: Readonly<Record<string, OpenAPISchema>>;
}

export interface OpenAPIModel {
  readonly paths: ReadonlyMap<string, PathModel>;
  /** By name. */
  readonly definitions?: ReadonlyMap<string, OwnDefinition> | undefined;
  /** The group version of all paths; undefined for paths above group versions. */
  readonly groupVersion?: GroupVersion | undefined;
}

/** Returns the same array until something changes, so that callers can cache results derived from it. */
export interface OpenAPISource {
  parts(): readonly OpenAPIPart[] | Promise<readonly OpenAPIPart[]>;
}
