import { groupStorage, storedResource } from '../generic/group-storage.ts';
import { deviceClassStrategy } from './deviceclass/strategy.ts';
import { deviceTaintRuleStatusStrategy, deviceTaintRuleStrategy } from './devicetaintrule/strategy.ts';
import { createResourceClaimStatusStrategy, createResourceClaimStrategy } from './resourceclaim/strategy.ts';
import { createResourceClaimTemplateStrategy } from './resourceclaimtemplate/strategy.ts';
import {
  resourcePoolStatusRequestStatusStrategy,
  resourcePoolStatusRequestStrategy,
} from './resourcepoolstatusrequest/strategy.ts';
import { resourceSliceStrategy } from './resourceslice/strategy.ts';

export const resourceStorage = groupStorage('resource.k8s.io', {
  deviceclasses: storedResource({ version: 'v1', strategy: deviceClassStrategy, returnDeletedObject: true }),
  devicetaintrules: storedResource({
    version: 'v1beta2',
    strategy: deviceTaintRuleStrategy,
    status: deviceTaintRuleStatusStrategy,
    returnDeletedObject: true,
  }),
  resourceclaims: storedResource({
    version: 'v1',
    strategy: createResourceClaimStrategy,
    status: createResourceClaimStatusStrategy,
    returnDeletedObject: true,
  }),
  resourceclaimtemplates: storedResource({
    version: 'v1',
    strategy: createResourceClaimTemplateStrategy,
    returnDeletedObject: true,
  }),
  resourcepoolstatusrequests: storedResource({
    version: 'v1alpha3',
    strategy: resourcePoolStatusRequestStrategy,
    status: resourcePoolStatusRequestStatusStrategy,
    returnDeletedObject: true,
  }),
  resourceslices: storedResource({
    version: 'v1',
    strategy: resourceSliceStrategy,
    returnDeletedObject: true,
  }),
});
