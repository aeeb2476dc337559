/** What a shell with native dialogs offers its page as `window.hedgerow`; the browser shell offers none. */

export interface ChosenFile {
  readonly handle: string;
  readonly name: string;
}

/** What files are chosen for: the words and the endings of the dialog, in either shell. */
export const FILE_CHOICES = {
  data: { title: 'Choose files to import', name: 'Data files', extensions: ['csv', 'gz', 'txt', 'tsv', 'xlsx', 'xml'] },
  orders: { title: 'Choose an order file and its manifest', name: 'Order files and manifests', extensions: ['csv', 'txt', 'fix', 'json'] },
  executions: { title: 'Choose a file of executions', name: 'Data files', extensions: ['csv', 'gz', 'txt', 'tsv', 'xlsx'] },
  update: { title: 'Choose an update', name: 'Updates of Hedgerow', extensions: ['hedgerow-update'] },
} as const satisfies Readonly<Record<string, { readonly title: string; readonly name: string; readonly extensions: readonly string[] }>>;
export type FileChoice = keyof typeof FILE_CHOICES;

export type MenuCommand =
  | 'create-workspace'
  | 'open-workspace'
  | 'import-files'
  | 'save-pdf'
  | 'settings'
  | 'undo'
  | 'redo'
  | 'methodology'
  | 'shortcuts'
  | 'about';

export interface ShellBridge {
  readonly shell: 'electron';
  /** Files picked in the native dialog; empty when dismissed. */
  chooseFiles(choice: FileChoice): Promise<readonly ChosenFile[]>;
  /** Handle of a workspace folder picked in the native dialog; null when dismissed. */
  chooseWorkspace(purpose?: 'open' | 'watch'): Promise<string | null>;
  /** Saves artifacts where the user says; false when dismissed. */
  saveArtifacts(artifactIds: readonly string[]): Promise<boolean>;
  /** Saves the screen, or an HTML artifact (a ticket, a report), as PDF where the user says; false when dismissed. */
  savePdf(name: string, artifactId?: string): Promise<boolean>;
  /** Files opened from outside (double click, command line); the same ones, also after a reload, until `dropOpened`. */
  openedFiles(): Promise<readonly ChosenFile[]>;
  /** Those with these handles were taken, or are not wanted. */
  dropOpened(handles: readonly string[]): Promise<void>;
  /** Called when there are new ones. Returns the function that stops listening. */
  onOpened(listener: () => void): () => void;
  newWindow(): Promise<void>;
  /** Hands an installer that `update.apply` has verified to the system, and ends the program when the user agrees. */
  runInstaller(installerId: string): Promise<boolean>;
  /** Returns the function that stops listening. */
  onMenu(listener: (command: MenuCommand) => void): () => void;
}
