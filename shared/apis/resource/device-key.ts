export interface DeviceIdentity {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  /** Set for a device that several claims share. */
  readonly shareID?: string | undefined;
}

/** Equal for the same share of the same device. */
export const deviceKey = ({ driver, pool, device, shareID = '' }: DeviceIdentity): string =>
  JSON.stringify([driver, pool, device, shareID]);
