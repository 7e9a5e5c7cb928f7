/**
 * The contribution of one part to the OpenAPI 2 document
 * (https://github.com/kubernetes/kube-openapi/blob/master/pkg/builder/openapi.go).
 */

import { createHash } from 'node:crypto';
import { commonParameters, isCommon } from './common-parameters.ts';
import { gvkExtension, reference } from './definition-schemas.ts';
import { responseText, UNAUTHORIZED } from './document-texts.ts';
import type {
  ContentModel,
  OpenAPIModel,
  OpenAPISchema,
  OperationModel,
  ParameterModel,
  PathModel,
  Swagger,
} from './openapi-model.ts';

const schemaOf = (model: ContentModel): OpenAPISchema =>
  model === 'string' ? { type: 'string' } : reference(model.definition, 2);

/** Parameters that occur in many operations, each stored once. */
class SharedParameters {
  readonly all: Record<string, OpenAPISchema> = {};
  readonly #keys = new Map<string, string>();

  /** Returns a reference to the parameter. */
  share(name: string, parameter: OpenAPISchema): OpenAPISchema {
    const text = JSON.stringify(parameter);
    let key = this.#keys.get(text);
    if (key === undefined) {
      key = `${name}-${createHash('sha256').update(text).digest('base64url').slice(0, 8)}`;
      this.#keys.set(text, key);
      this.all[key] = parameter;
    }
    return { $ref: `#/parameters/${key}` };
  }
}

/** Parameters of patches that kubectl before 1.27 looks for, without resolving references. */
const LOOKED_FOR: ReadonlySet<string> = new Set(['dryRun', 'fieldValidation']);

class FragmentBuilder {
  readonly parameters = new SharedParameters();

  #parameter({ name, in: place, type, description }: ParameterModel, action?: string): OpenAPISchema {
    const parameter = {
      ...(description !== undefined && { description }),
      in: place,
      name,
      ...(place === 'path' && { required: true }),
      type,
      uniqueItems: true,
    };
    // The description of `name` mentions the kind, so it can't be shared.
    const isOwn = place === 'path' && name === 'name';
    if (isOwn || (action === 'patch' && LOOKED_FOR.has(name))) return parameter;
    return this.parameters.share(name, parameter);
  }

  #body({ content, required }: NonNullable<OperationModel['body']>): OpenAPISchema {
    const parameter = { in: 'body', name: 'body', ...(required && { required }), schema: schemaOf(content) };
    return content !== 'string' && content.definition.endsWith('.DeleteOptions')
      ? this.parameters.share('body', parameter)
      : parameter;
  }

  #operation(model: OperationModel, common: readonly ParameterModel[]): OpenAPISchema {
    const own = model.parameters.filter((candidate) => !isCommon(candidate, common));
    const parameters = [
      ...(model.body ? [this.#body(model.body)] : []),
      ...own.map((each) => this.#parameter(each, model.action)),
    ];
    return {
      ...(model.consumes.length > 0 && { consumes: model.consumes }),
      description: model.description,
      operationId: model.operationId,
      ...(parameters.length > 0 && { parameters }),
      produces: model.produces,
      responses: {
        ...Object.fromEntries(
          Object.entries(model.responses).map(([code, answer]) => [
            code,
            { description: responseText(code), schema: schemaOf(answer) },
          ]),
        ),
        401: { description: UNAUTHORIZED },
      },
      schemes: ['https'],
      ...(model.tags.length > 0 && { tags: model.tags }),
      ...(model.action && { 'x-kubernetes-action': model.action }),
      ...(model.gvk && { 'x-kubernetes-group-version-kind': gvkExtension(model.gvk) }),
    };
  }

  pathItem(path: PathModel): OpenAPISchema {
    const common = commonParameters(path);
    return {
      ...Object.fromEntries(
        Object.entries(path)
          .sort(([left], [right]) => (left < right ? -1 : 1))
          .map(([method, model]) => [method, this.#operation(model, common)]),
      ),
      ...(common.length > 0 && { parameters: common.map((each) => this.#parameter(each)) }),
    };
  }
}

export interface FragmentMember {
  readonly section: 'paths' | 'definitions';
  readonly name: string;
  readonly value: OpenAPISchema;
}

export interface SwaggerFragment {
  /** Paths, then the definitions that are in no type table, generated one by one. */
  readonly members: Iterable<FragmentMember>;
  /** Parameters shared by the paths; complete once the members were iterated. */
  readonly parameters: Swagger['parameters'];
}

export function swaggerFragment({ paths, definitions = new Map() }: OpenAPIModel): SwaggerFragment {
  const builder = new FragmentBuilder();
  function* members(): Generator<FragmentMember> {
    const sorted = [...paths].sort(([left], [right]) => (left < right ? -1 : 1));
    for (const [name, item] of sorted) yield { section: 'paths', name, value: builder.pathItem(item) };
    for (const [name, definition] of definitions)
      yield { section: 'definitions', name, value: definition.schema(2) };
  }
  return { members: members(), parameters: builder.parameters.all };
}
