/** OpenAPI 3.0 documents (https://github.com/kubernetes/kube-openapi/blob/master/pkg/builder3/openapi.go). */

import { commonParameters, isCommon } from './common-parameters.ts';
import { definitionClosure } from './definition-closure.ts';
import { type DefinitionSchemas, gvkExtension, reference } from './definition-schemas.ts';
import { INFO, responseText, UNAUTHORIZED } from './document-texts.ts';
import type {
  ContentModel,
  OpenAPIModel,
  OpenAPISchema,
  OperationModel,
  ParameterModel,
  PathModel,
} from './openapi-model.ts';

function content(model: ContentModel, mediaTypes: readonly string[]): OpenAPISchema {
  const schema = model === 'string' ? { type: 'string' } : reference(model.definition, 3);
  return Object.fromEntries([...mediaTypes].sort().map((mediaType) => [mediaType, { schema }]));
}

function parameter({ name, in: place, type, description }: ParameterModel): OpenAPISchema {
  return {
    ...(description !== undefined && { description }),
    in: place,
    name,
    ...(place === 'path' && { required: true }),
    schema: { type, uniqueItems: true },
  };
}

function operation(model: OperationModel, common: readonly ParameterModel[]): OpenAPISchema {
  const parameters = model.parameters.filter((candidate) => !isCommon(candidate, common));
  return {
    description: model.description,
    operationId: model.operationId,
    ...(parameters.length > 0 && { parameters: parameters.map(parameter) }),
    ...(model.body && {
      requestBody: {
        content: content(model.body.content, model.consumes),
        ...(model.body.required && { required: true }),
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(model.responses).map(([code, answer]) => [
          code,
          { content: content(answer, model.produces), description: responseText(code) },
        ]),
      ),
      401: { description: UNAUTHORIZED },
    },
    ...(model.tags.length > 0 && { tags: model.tags }),
    ...(model.action && { 'x-kubernetes-action': model.action }),
    ...(model.gvk && { 'x-kubernetes-group-version-kind': gvkExtension(model.gvk) }),
  };
}

function pathItem(path: PathModel): OpenAPISchema {
  const common = commonParameters(path);
  return {
    ...Object.fromEntries(
      Object.entries(path)
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([method, model]) => [method, operation(model, common)]),
    ),
    ...(common.length > 0 && { parameters: common.map(parameter) }),
  };
}

export async function buildDocumentV3(
  model: OpenAPIModel,
  builtin: DefinitionSchemas,
): Promise<OpenAPISchema> {
  return {
    components: {
      schemas: await definitionClosure(model, builtin, 3),
      securitySchemes: {
        BearerToken: {
          description: 'Bearer Token authentication',
          in: 'header',
          name: 'authorization',
          type: 'apiKey',
        },
      },
    },
    info: INFO,
    openapi: '3.0.0',
    paths: Object.fromEntries(
      [...model.paths]
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([path, item]) => [path, pathItem(item)]),
    ),
  };
}
