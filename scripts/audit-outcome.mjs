const GRAVE = ['high', 'critical'];

/**
 * What `npm audit --json` came to: `failed` where a package has a grave advisory, `skipped` where the registry could not be
 * asked, which is nobody's fault here.
 * @param {string} json
 * @returns {{ status: 'passed' | 'failed' | 'skipped', words: string }}
 */
export function outcomeOf(json) {
  const report = parsed(json);
  const counts = report?.metadata?.vulnerabilities;
  if (!counts) {
    const why = report?.message ?? report?.error?.summary ?? 'it gave no report';
    return { status: 'skipped', words: `Skipped: the registry could not be asked for advisories (${why}).` };
  }
  const grave = Object.values(report.vulnerabilities ?? {}).filter(({ severity }) => GRAVE.includes(severity));
  const lesser = counts.total - grave.length;
  const besides = lesser > 0 ? `, and ${lesser} lesser` : '';
  if (grave.length === 0) return { status: 'passed', words: `No grave advisories${besides}.` };
  const lines = grave.map(({ name, severity, range }) => `  ${name} ${range}: ${severity}`);
  const advice = '“npm audit --omit=dev” tells more, “npm audit fix” may help.';
  return { status: 'failed', words: [`Grave advisories: ${grave.length}${besides}. ${advice}`, ...lines].join('\n') };
}

function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
