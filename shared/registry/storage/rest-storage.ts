import { groupStorage, storedResource } from '../generic/group-storage.ts';
import { csiDriverStrategy } from './csidriver/strategy.ts';
import { csiNodeStatusStrategy, csiNodeStrategy } from './csinode/strategy.ts';
import { csiStorageCapacityStrategy } from './csistoragecapacity/strategy.ts';
import { storageClassStrategy } from './storageclass/strategy.ts';
import { volumeAttachmentStatusStrategy, volumeAttachmentStrategy } from './volumeattachment/strategy.ts';
import { volumeAttributesClassStrategy } from './volumeattributesclass/strategy.ts';

export const storageStorage = groupStorage('storage.k8s.io', {
  csidrivers: storedResource({ version: 'v1', strategy: csiDriverStrategy, returnDeletedObject: true }),
  csinodes: storedResource({
    version: 'v1',
    strategy: csiNodeStrategy,
    status: csiNodeStatusStrategy,
    returnDeletedObject: true,
  }),
  csistoragecapacities: storedResource({ version: 'v1', strategy: csiStorageCapacityStrategy }),
  storageclasses: storedResource({
    version: 'v1',
    strategy: storageClassStrategy,
    returnDeletedObject: true,
  }),
  volumeattachments: storedResource({
    version: 'v1',
    strategy: volumeAttachmentStrategy,
    status: volumeAttachmentStatusStrategy,
    returnDeletedObject: true,
  }),
  volumeattributesclasses: storedResource({
    version: 'v1',
    strategy: volumeAttributesClassStrategy,
    returnDeletedObject: true,
  }),
});
