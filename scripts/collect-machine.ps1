<#
.SYNOPSIS
    Collects what tlsprobe needs to know of a WSUS server, as JSON.

.DESCRIPTION
    Run it on the WSUS server, in a 64-bit PowerShell 3.0 or later (Windows Server 2012 has that), as an administrator
    so that WSUS answers. It only reads: registry values, installed updates, w3wp.exe.config, the synchronization
    endpoint and proxy in the settings of WSUS, and the proxy of WinHTTP. No password and no user name is read.

    On Windows Server 2008 R2, which has PowerShell 2.0, these do instead; give each file to tlsprobe with --machine,
    and --os 2008r2:

    reg export HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL schannel.reg
    reg export HKLM\SOFTWARE\Microsoft\.NETFramework dotnet.reg
    reg export HKLM\SOFTWARE\Policies\Microsoft policies.reg

.PARAMETER Path
    The file to write, in UTF-8. Without it the JSON is printed.

.EXAMPLE
    powershell -ExecutionPolicy Bypass -File collect-machine.ps1 -Path machine.json

    Then, where tlsprobe runs: tlsprobe check wsus --machine machine.json
#>
[CmdletBinding()]
param(
    [string] $Path
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# One value a line: key, then name.
$wanted = @'
HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion|CurrentBuildNumber
HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\SSL 2.0\Client|Enabled
HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\SSL 2.0\Client|DisabledByDefault
HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\SSL 3.0\Client|Enabled
HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\SSL 3.0\Client|DisabledByDefault
HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.0\Client|Enabled
HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.0\Client|DisabledByDefault
HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.1\Client|Enabled
HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.1\Client|DisabledByDefault
HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.2\Client|Enabled
HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.2\Client|DisabledByDefault
HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.3\Client|Enabled
HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.3\Client|DisabledByDefault
HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL|DisableClientExtendedMasterSecret
HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL|DisableServerExtendedMasterSecret
HKLM\SOFTWARE\Policies\Microsoft\Cryptography\Configuration\SSL\00010002|Functions
HKLM\SOFTWARE\Microsoft\.NETFramework\v4.0.30319|SchUseStrongCrypto
HKLM\SOFTWARE\Microsoft\.NETFramework\v4.0.30319|SystemDefaultTlsVersions
HKLM\SOFTWARE\Microsoft\.NETFramework\v2.0.50727|SchUseStrongCrypto
HKLM\SOFTWARE\Microsoft\.NETFramework\v2.0.50727|SystemDefaultTlsVersions
HKLM\SOFTWARE\Wow6432Node\Microsoft\.NETFramework\v4.0.30319|SchUseStrongCrypto
HKLM\SOFTWARE\Wow6432Node\Microsoft\.NETFramework\v4.0.30319|SystemDefaultTlsVersions
HKLM\SOFTWARE\Wow6432Node\Microsoft\.NETFramework\v2.0.50727|SchUseStrongCrypto
HKLM\SOFTWARE\Wow6432Node\Microsoft\.NETFramework\v2.0.50727|SystemDefaultTlsVersions
HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate|WUServer
HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate|WUStatusServer
HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\WinHttp|DefaultSecureProtocols
HKLM\SOFTWARE\Wow6432Node\Microsoft\Windows\CurrentVersion\Internet Settings\WinHttp|DefaultSecureProtocols
HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\Connections|WinHttpSettings
'@ -split "`r?`n"

# What could not be read, and why; tlsprobe shows it beside what follows from the rest.
$problems = New-Object System.Collections.ArrayList

function Add-Problem([string] $What, $ErrorRecord) {
    [void] $problems.Add(('{0}: {1}' -f $What, $ErrorRecord.Exception.Message))
}

# The value's kind and data, both null where it is not set. The 64-bit view, whatever PowerShell this is.
function Read-Value($Machine, [string] $Key, [string] $Name) {
    $kind = $null
    $data = $null
    $open = $Machine.OpenSubKey($Key.Substring('HKLM\'.Length))
    if ($open -ne $null) {
        if ($open.GetValueNames() -contains $Name) {
            $kind = $open.GetValueKind($Name).ToString()
            $data = $open.GetValue($Name, $null, 'DoNotExpandEnvironmentNames')
            if ($kind -eq 'Binary') {
                $data = [BitConverter]::ToString($data).Replace('-', '')
            }
        }
        $open.Close()
    }
    return @{ key = $Key; name = $Name; kind = $kind; data = $data }
}

$registry = @()
try {
    $machine = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
    $registry = @(foreach ($line in $wanted) {
        $parts = $line.Split('|')
        try { Read-Value $machine $parts[0] $parts[1] } catch { Add-Problem $line $_ }
    })
    $machine.Close()
} catch {
    Add-Problem 'registry' $_
}

$hotfixes = @()
try {
    $hotfixes = @(Get-WmiObject -Class Win32_QuickFixEngineering | ForEach-Object { [string] $_.HotFixID } |
        Where-Object { $_ -like 'KB*' } | Sort-Object -Unique)
} catch {
    Add-Problem 'installed updates' $_
}

# A missing file is an answer: then its switch is not set.
$w3wpConfig = $null
$w3wpPath = Join-Path $env:SystemRoot 'system32\inetsrv\w3wp.exe.config'
try {
    $text = $null
    if ([IO.File]::Exists($w3wpPath)) {
        $text = [IO.File]::ReadAllText($w3wpPath)
    }
    $w3wpConfig = @{ path = $w3wpPath; text = $text }
} catch {
    Add-Problem $w3wpPath $_
}

$wsus = $null
try {
    if (Get-Command Get-WsusServer -ErrorAction SilentlyContinue) {
        $server = Get-WsusServer
    } else {
        [void] [Reflection.Assembly]::LoadWithPartialName('Microsoft.UpdateServices.Administration')
        $server = [Microsoft.UpdateServices.Administration.AdminProxy]::GetUpdateServer()
    }
    $config = $server.GetConfiguration()
    $proxy = $null
    if ($config.UseProxy) {
        $proxy = @{ host = [string] $config.ProxyName; port = [int] $config.ProxyServerPort }
        # Not every WSUS has a second proxy in its settings.
        if ($config.PSObject.Properties['UseSeparateProxyForSsl'] -and $config.UseSeparateProxyForSsl) {
            $proxy = @{ host = [string] $config.SslProxyName; port = [int] $config.SslProxyServerPort }
        }
    }
    $wsus = @{ mu_url = [string] $config.MUUrl; proxy = $proxy }
} catch {
    Add-Problem 'settings of WSUS' $_
}

$winhttpProxy = $null
try {
    $winhttpProxy = (& netsh.exe winhttp show proxy) -join "`n"
} catch {
    Add-Problem 'netsh winhttp show proxy' $_
}

$result = New-Object System.Collections.Specialized.OrderedDictionary
$result['schema'] = 'tlsprobe-machine/1'
$result['collected'] = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ')
$result['computer'] = $env:COMPUTERNAME
$result['powershell'] = $PSVersionTable.PSVersion.ToString()
$result['hotfixes'] = $hotfixes
$result['registry'] = $registry
$result['w3wp_config'] = $w3wpConfig
$result['wsus'] = $wsus
$result['winhttp_proxy'] = $winhttpProxy
$result['problems'] = @($problems)

$json = ConvertTo-Json -InputObject $result -Depth 5
if ($Path) {
    $full = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
    [IO.File]::WriteAllText($full, $json, (New-Object Text.UTF8Encoding $false))
} else {
    $json
}
