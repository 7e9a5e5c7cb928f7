/** What the API of a group version is, before it becomes a document of OpenAPI 2 or 3. */

import type { GroupVersion, GroupVersionKind } from '../../runtime/group-version.ts';
import type { OpenAPIDescriptions } from './openapi-descriptions.ts';

export type OpenAPIVersion = 2 | 3;

/** JSON schema, in the words of the document's version. */
export type OpenAPISchema = { [keyword: string]: unknown };

export interface ParameterModel {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly type: 'string' | 'integer' | 'boolean';
  readonly description?: string | undefined;
}

/** A body or an answer: a definition by name, or plain text. */
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

/** A definition that no type table has: a custom resource's. */
export interface OwnDefinition {
  schema(version: OpenAPIVersion): OpenAPISchema;
  /** Definitions that it refers to. */
  readonly references: readonly string[];
}

interface PartState {
  /** Below `/openapi/v3`: `apis/apps/v1`, `api/v1`, `version`. */
  readonly path: string;
  /** What the documents are made of, as text: it changes when they do. Cheap, unlike them. */
  state(): string;
}

/** Of this server. */
export interface LocalOpenAPIPart extends PartState {
  /** Called once, when the part is first asked for. */
  model(descriptions: OpenAPIDescriptions): Promise<OpenAPIModel>;
}

/** Of another server, which makes the documents. */
export interface RemoteOpenAPIPart extends PartState {
  /** OpenAPI 3. Rejects when it can't be had. */
  document(): Promise<OpenAPISchema>;
  /** OpenAPI 2, of this part alone; undefined if it can't be had. */
  swagger(): Promise<Swagger | undefined>;
}

/** One document of OpenAPI 3, and its part of the one of OpenAPI 2. */
export type OpenAPIPart = LocalOpenAPIPart | RemoteOpenAPIPart;

/** A document of OpenAPI 2, as far as several are merged. */
export interface Swagger {
  readonly paths: Readonly<Record<string, OpenAPISchema>>;
  readonly definitions: Readonly<Record<string, OpenAPISchema>>;
  readonly parameters: Readonly<Record<string, OpenAPISchema>>;
}

export interface OpenAPIModel {
  readonly paths: ReadonlyMap<string, PathModel>;
  /** By name. */
  readonly definitions?: ReadonlyMap<string, OwnDefinition> | undefined;
  /** What all its paths belong to; undefined for paths above group versions. */
  readonly groupVersion?: GroupVersion | undefined;
}

/** Returns the same array for as long as nothing changed, so that what is made of it can be kept. */
export interface OpenAPISource {
  parts(): readonly OpenAPIPart[] | Promise<readonly OpenAPIPart[]>;
}
