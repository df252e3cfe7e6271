; The installer for Windows, made by Inno Setup 6: build/build.py calls
;   iscc /DVersion=0.1.0 /DSource=dist\digitapp /Odist /Fdigitapp-0.1.0-setup build\windows\digitapp.iss
; It installs for the person who runs it, without asking for an administrator.

#ifndef Version
  #error Version is not given
#endif
#ifndef Source
  #error Source is not given
#endif

[Setup]
AppId={{5B0B3C4E-8C1D-4E0B-9C55-6F1B6D0A7C11}
AppName=digitapp
AppVersion={#Version}
VersionInfoVersion={#Version}
DefaultDirName={autopf}\digitapp
DefaultGroupName=digitapp
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0
LicenseFile=..\..\LICENSE
SetupIconFile=..\..\assets\icon.ico
UninstallDisplayIcon={app}\digitapp.exe
ChangesAssociations=yes
Compression=lzma2
SolidCompression=yes
WizardStyle=modern

[Files]
Source: "{#Source}\*"; DestDir: "{app}"; Flags: recursesubdirs createallsubdirs ignoreversion

[Icons]
Name: "{group}\digitapp"; Filename: "{app}\digitapp.exe"
Name: "{autodesktop}\digitapp"; Filename: "{app}\digitapp.exe"; Tasks: desktopicon

[Tasks]
Name: desktopicon; Description: "A shortcut on the desktop"; Flags: unchecked

[Registry]
; "Open with" for pictures. No kind of file is taken from the program that opens it now.
Root: HKA; Subkey: "Software\Classes\Applications\digitapp.exe"; ValueType: string; ValueName: "FriendlyAppName"; ValueData: "digitapp"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Applications\digitapp.exe\shell\open\command"; ValueType: string; ValueData: """{app}\digitapp.exe"" ""%1"""
Root: HKA; Subkey: "Software\Classes\Applications\digitapp.exe\SupportedTypes"; ValueType: string; ValueName: ".png"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\digitapp.exe\SupportedTypes"; ValueType: string; ValueName: ".jpg"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\digitapp.exe\SupportedTypes"; ValueType: string; ValueName: ".jpeg"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\digitapp.exe\SupportedTypes"; ValueType: string; ValueName: ".gif"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\digitapp.exe\SupportedTypes"; ValueType: string; ValueName: ".bmp"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\digitapp.exe\SupportedTypes"; ValueType: string; ValueName: ".webp"; ValueData: ""

[Run]
Filename: "{app}\digitapp.exe"; Description: "Start digitapp"; Flags: nowait postinstall skipifsilent

[Code]
const
  WebView2 = 'Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}';
  WebView2Page = 'https://developer.microsoft.com/microsoft-edge/webview2/';

// Where Microsoft says that the runtime's version stands: for all users, and for this one.
function HasWebView2(): Boolean;
var
  Version: String;
begin
  Result :=
    RegQueryStringValue(HKLM, 'SOFTWARE\WOW6432Node\' + WebView2, 'pv', Version) or
    RegQueryStringValue(HKLM, 'SOFTWARE\' + WebView2, 'pv', Version) or
    RegQueryStringValue(HKCU, 'Software\' + WebView2, 'pv', Version);
  Result := Result and (Version <> '') and (Version <> '0.0.0.0');
end;

// Nothing is downloaded behind anybody's back: the page of the runtime is shown, and people decide.
procedure CurStepChanged(CurStep: TSetupStep);
var
  Code: Integer;
begin
  if (CurStep = ssPostInstall) and not HasWebView2() then
    if SuppressibleMsgBox('The window of digitapp needs Microsoft''s WebView2 runtime, which is not ' +
      'here. Open its page to install it? Until then the page opens in the browser.',
      mbConfirmation, MB_YESNO, IDNO) = IDYES then
      ShellExec('open', WebView2Page, '', '', SW_SHOWNORMAL, ewNoWait, Code);
end;
