/** `{{Name}}` in a username. */
export const PLACEHOLDER = /\{\{(\w*)\}\}/g;

/**
 * Expands the template to a username. Undefined if the result is empty or begins with `system:` without the template
 * doing so: a caller must not obtain a system name through its session name.
 */
export function renderUsername(
  template: string,
  values: Readonly<Record<'AccountID' | 'SessionName' | 'AccessKeyID', string>>,
): string | undefined {
  const all: Readonly<Record<string, string>> = {
    AccountID: values.AccountID,
    AccessKeyID: values.AccessKeyID,
    SessionName: values.SessionName.replaceAll('@', '-'),
    SessionNameRaw: values.SessionName,
  };
  const name = template.replaceAll(PLACEHOLDER, (_match, key: string) => all[key] ?? '');
  if (name === '' || (name.startsWith('system:') && !template.startsWith('system:'))) return undefined;
  return name;
}
