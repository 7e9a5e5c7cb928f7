import { groupStorage, storedResource } from '../generic/group-storage.ts';
import { flowSchemaStatusStrategy, flowSchemaStrategy } from './flowschema/strategy.ts';
import {
  priorityLevelConfigurationStatusStrategy,
  priorityLevelConfigurationStrategy,
} from './prioritylevelconfiguration/strategy.ts';

export const flowcontrolStorage = groupStorage('flowcontrol.apiserver.k8s.io', {
  flowschemas: storedResource({
    version: 'v1',
    strategy: flowSchemaStrategy,
    status: flowSchemaStatusStrategy,
  }),
  prioritylevelconfigurations: storedResource({
    version: 'v1',
    strategy: priorityLevelConfigurationStrategy,
    status: priorityLevelConfigurationStatusStrategy,
  }),
});
