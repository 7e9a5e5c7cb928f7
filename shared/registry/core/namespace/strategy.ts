import { setNamespaceNameLabel } from '../../../apis/core/v1/defaults.ts';
import type { Namespace } from '../../../apis/core/v1/types.ts';
import {
  validateNamespace,
  validateNamespaceFinalizeUpdate,
  validateNamespaceStatusUpdate,
} from '../../../apis/core/validation/namespaces.ts';
import { nameIsDNSLabel } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { resetFields } from '../../generic/strategy-parts.ts';

const FINALIZER = 'kubernetes';

export const namespaceStrategy: RESTStrategy<Namespace> = {
  kind: { group: '', kind: 'Namespace' },
  namespaced: false,
  validateName: nameIsDNSLabel,
  resetFields: resetFields(['v1'], 'status'),
  prepareForCreate(_context, object) {
    object.status = { phase: 'Active' };
    const finalizers = object.spec?.finalizers ?? [];
    if (!finalizers.includes(FINALIZER)) object.spec = { finalizers: [...finalizers, FINALIZER] };
  },
  validate: (_context, object) => validateNamespace(object),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    object.status = old.status;
  },
  validateUpdate: (_context, object) => validateNamespace(object),
  // Defaulting runs before the name is generated.
  canonicalize: (object) => setNamespaceNameLabel(object),
};

export const namespaceStatusStrategy: RESTStrategy<Namespace> = {
  ...namespaceStrategy,
  resetFields: resetFields(['v1'], 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
  },
  validateUpdate: (_context, object) => validateNamespaceStatusUpdate(object),
};

export const namespaceFinalizeStrategy: RESTStrategy<Namespace> = {
  ...namespaceStrategy,
  resetFields: resetFields(['v1'], 'status'),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
  },
  validateUpdate: (_context, object) => validateNamespaceFinalizeUpdate(object),
};
