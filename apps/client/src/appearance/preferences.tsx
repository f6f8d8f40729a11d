import { type MantineColorScheme, useMantineColorScheme } from '@mantine/core';
import { spokenLanguage, words } from '../messages/index.ts';
import { changeLanguage, isLanguage, LANGUAGES } from '../messages/language.ts';

const SCHEMES = ['auto', 'light', 'dark'] as const satisfies readonly MantineColorScheme[];

/** Language and colours; both are remembered in this browser. */
export function Preferences() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const text = words.preferences;
  return (
    <div className="preferences">
      <select
        aria-label={text.language}
        data-testid="language"
        value={spokenLanguage()}
        onChange={({ currentTarget: { value } }) => isLanguage(value) && changeLanguage(value)}
      >
        {Object.entries(LANGUAGES).map(([language, name]) => (
          <option key={language} value={language} lang={language}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={text.colours}
        data-testid="colour-scheme"
        value={colorScheme}
        onChange={({ currentTarget }) => setColorScheme(currentTarget.value as MantineColorScheme)}
      >
        {SCHEMES.map((scheme) => (
          <option key={scheme} value={scheme}>
            {text.schemes[scheme]}
          </option>
        ))}
      </select>
    </div>
  );
}
