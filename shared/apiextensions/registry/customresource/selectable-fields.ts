import type { SelectableField } from '../../../apis/apiextensions/v1/types.ts';
import type { UnstructuredObject } from '../../../meta/kube-object.ts';
import { formatValue } from '../../../runtime/go-format.ts';
import { JSONPath } from '../../../util/jsonpath/jsonpath.ts';
import type { Fields } from './custom-resource-attributes.ts';

const NAME = 'metadata.name';
const NAMESPACE = 'metadata.namespace';

/** Fields for field selectors of a version: its selectable fields by path, name and namespace. */
export class CustomResourceFields {
  readonly #namespaced: boolean;
  readonly #paths: ReadonlyMap<string, JSONPath>;

  constructor(fields: readonly SelectableField[], namespaced: boolean) {
    this.#namespaced = namespaced;
    this.#paths = new Map(
      fields.map(({ jsonPath }) => [jsonPath.replace(/^\./, ''), new JSONPath(jsonPath)] as const),
    );
  }

  /** Throws Error for an unsupported label. */
  convertLabel(label: string): string {
    if (label === NAME || (this.#namespaced && label === NAMESPACE) || this.#paths.has(label)) return label;
    throw new Error(`field label not supported: ${label}`);
  }

  read(object: UnstructuredObject): Fields {
    const { name = '', namespace = '' } = object.metadata;
    const fields: [string, string][] = [...this.#paths].map(([label, path]) => {
      const value = path.find(object)[0] ?? null;
      return [label, value === null ? '' : formatValue(value)];
    });
    return Object.fromEntries([[NAME, name], [NAMESPACE, namespace], ...fields]);
  }
}
