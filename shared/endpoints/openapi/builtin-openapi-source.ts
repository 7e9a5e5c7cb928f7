/** OpenAPI parts of a server's own groups and paths. */

import type { DiscoverySource, GroupDiscovery } from '../discovery/discovery-source.ts';
import { APPLY_PATCH } from '../handlers/patch.ts';
import { BUILTIN_PATCH_TYPES, type ScopeDependencies, shownScheme } from '../routing/api-groups.ts';
import type { BuiltinOpenAPIOptions } from './builtin-openapi-model.ts';
import type { LocalOpenAPIPart, OpenAPIPart, OpenAPISource } from './openapi-model.ts';

const loadModels = () => import('./builtin-openapi-model.ts');

export class BuiltinOpenAPISource implements OpenAPISource {
  readonly #discovery: DiscoverySource;
  readonly #options: BuiltinOpenAPIOptions;
  readonly #paths: readonly string[];
  #groups: readonly GroupDiscovery[] | undefined;
  #parts: readonly OpenAPIPart[] = [];

  /** `paths` are those outside of any group, such as `version`. */
  constructor(scope: ScopeDependencies, discovery: DiscoverySource, paths: readonly string[] = []) {
    const { codecs, serverSideApply, emulated = scope } = scope;
    this.#discovery = discovery;
    this.#paths = paths;
    this.#options = {
      scheme: shownScheme(emulated),
      mediaTypes: codecs.supportedMediaTypes(),
      patchTypes: serverSideApply ? [...BUILTIN_PATCH_TYPES, APPLY_PATCH] : BUILTIN_PATCH_TYPES,
    };
  }

  async parts(): Promise<readonly OpenAPIPart[]> {
    const groups = await this.#discovery.groups();
    if (groups !== this.#groups) {
      this.#groups = groups;
      this.#parts = [
        ...this.#paths.map((path) => this.#rootPart(path)),
        ...groups.flatMap((group) => this.#groupParts(group)),
      ];
    }
    return this.#parts;
  }

  #rootPart(path: string): LocalOpenAPIPart {
    return {
      path,
      state: () => JSON.stringify(this.#options.mediaTypes),
      model: async () => (await loadModels()).rootModel(path, this.#options),
    };
  }

  #groupParts({ name, versions }: GroupDiscovery): LocalOpenAPIPart[] {
    const root = name === '' ? 'api' : `apis/${name}`;
    const { mediaTypes, patchTypes } = this.#options;
    const parts = versions.map(
      ({ version, resources }): LocalOpenAPIPart => ({
        path: `${root}/${version}`,
        state: () => JSON.stringify([resources, mediaTypes, patchTypes]),
        model: async (descriptions) => {
          const { groupVersionModel } = await loadModels();
          return groupVersionModel({ group: name, version }, resources, descriptions, this.#options);
        },
      }),
    );
    return name === '' ? parts : [this.#rootPart(root), ...parts];
  }
}
