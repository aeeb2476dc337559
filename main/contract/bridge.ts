/** What a shell with native dialogs offers its page as `window.hedgerow`; the browser shell offers none. */

export interface ChosenFile {
  readonly handle: string;
  readonly name: string;
}

export type MenuCommand = 'import-files' | 'open-workspace' | 'create-workspace';

export interface ShellBridge {
  readonly shell: 'electron';
  /** Files picked in the native dialog; empty when dismissed. */
  chooseFiles(): Promise<readonly ChosenFile[]>;
  /** Handle of a workspace folder picked in the native dialog; null when dismissed. */
  chooseWorkspace(): Promise<string | null>;
  /** Saves artifacts where the user says; false when dismissed. */
  saveArtifacts(artifactIds: readonly string[]): Promise<boolean>;
  /** Returns the function that stops listening. */
  onMenu(listener: (command: MenuCommand) => void): () => void;
}
