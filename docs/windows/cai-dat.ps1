<#
Cài bangtin cho một người dùng Windows: người biên tập hoặc người duyệt. Không cần quyền quản trị.

    powershell -ExecutionPolicy Bypass -File cai-dat.ps1 -Nguoi p1 -Vai bien-tap -Xa "D:\xa"
    powershell -ExecutionPolicy Bypass -File cai-dat.ps1 -Nguoi p3 -Vai duyet    -Xa "D:\xa"

Chưa chạy thử trên Windows. Tệp bangtin-….whl phải nằm cạnh tệp này. Gỡ: chạy lại với -Go.
Tệp lưu dạng UTF-8 có BOM: Windows PowerShell 5.1 cần vậy để đọc đúng chữ Việt.
#>
param(
    [ValidatePattern('^[a-z0-9][a-z0-9-]*$')] [string] $Nguoi,
    [ValidateSet('bien-tap', 'duyet')] [string] $Vai = 'bien-tap',
    [string] $Xa,
    [switch] $Go
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 2

$Nha = Join-Path $env:LOCALAPPDATA 'bangtin'
$Menu = Join-Path ([Environment]::GetFolderPath('Programs')) 'Bangtin'

function Dung([string] $Vi_sao) {
    Write-Host ''
    Write-Host "DỪNG: $Vi_sao" -ForegroundColor Red
    exit 1
}

if ($Go) {
    foreach ($Cho in $Nha, $Menu) {
        if (Test-Path -LiteralPath $Cho) { Remove-Item -LiteralPath $Cho -Recurse -Force }
    }
    Write-Host 'Đã gỡ bangtin. Thư mục của xã và khóa của anh chị còn nguyên.'
    exit 0
}

# --- Hỏi cho đủ trước khi làm gì ---
if (-not $Nguoi) { Dung 'thiếu -Nguoi, mã của anh chị trong people.toml, ví dụ -Nguoi p1' }
if (-not $Xa) { Dung 'thiếu -Xa, thư mục của xã trên máy này, ví dụ -Xa "D:\xa"' }
if (-not (Test-Path -LiteralPath $Xa -PathType Container)) { Dung "không có thư mục $Xa" }
$Xa = (Resolve-Path -LiteralPath $Xa).ProviderPath.TrimEnd('\')
if ($Xa -match '[^\x20-\x7e]') { Dung "đường dẫn $Xa có dấu; lối tắt của Windows cần đường dẫn không dấu, ví dụ D:\xa" }
foreach ($Ten in 'bangtin.toml', 'people.toml') {
    if (-not (Test-Path -LiteralPath (Join-Path $Xa $Ten))) {
        Dung "thư mục $Xa chưa có tệp ${Ten}: xin người quản trị bản chép"
    }
}
if (-not (Test-Path -LiteralPath (Join-Path $Xa "keys\people\$Nguoi.pem"))) {
    Write-Warning "Chưa thấy khóa keys\people\$Nguoi.pem trong $Xa. Cài xong vẫn chưa ký được cho đến khi có khóa."
}
$Banh = @(Get-ChildItem -LiteralPath $PSScriptRoot -Filter 'bangtin-*.whl' | Sort-Object LastWriteTime)
if ($Banh.Count -eq 0) { Dung "không có tệp bangtin-….whl cạnh $PSCommandPath" }
if (-not (Get-Command py -ErrorAction SilentlyContinue)) {
    Dung 'chưa có Python. Tải Python 3.11 trở lên ở https://www.python.org/downloads/windows/ rồi chạy lại'
}
& py -3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'
if ($LASTEXITCODE -ne 0) { Dung 'Python trên máy này cũ hơn 3.11. Cài bản mới rồi chạy lại' }

# --- Cài vào thư mục riêng của người dùng ---
$Moi_truong = Join-Path $Nha 'venv'
$Chay = Join-Path $Moi_truong 'Scripts\bangtin.exe'
if (-not (Test-Path -LiteralPath $Moi_truong)) {
    & py -3 -m venv $Moi_truong
    if ($LASTEXITCODE -ne 0) { Dung 'không tạo được môi trường Python' }
}
& (Join-Path $Moi_truong 'Scripts\python.exe') -m pip install --disable-pip-version-check --upgrade $Banh[-1].FullName
if ($LASTEXITCODE -ne 0 -or -not (Test-Path -LiteralPath $Chay)) { Dung 'pip không cài được. Xem dòng báo lỗi ở trên' }

# --- Lối vào trong menu Start ---
$Loi_vao = @{
    'bien-tap' = @(
        @{ Ten = 'Ký trình thông báo'; Lenh = "submit --web --as $Nguoi" },
        @{ Ten = 'Kiểm tra thông báo'; Lenh = 'check'; O_lai = $true }
    )
    'duyet' = @(
        @{ Ten = 'Duyệt thông báo'; Lenh = "approve --web --as $Nguoi" },
        @{ Ten = 'Thông báo đang chờ duyệt'; Lenh = 'approve --list'; O_lai = $true }
    )
}
New-Item -ItemType Directory -Force -Path $Menu | Out-Null
$Vo = New-Object -ComObject WScript.Shell

function Lap([string] $Ten, [string] $Dich, [string] $Tham_so) {
    # WScript.Shell không giữ được chữ Việt trong tên tệp: lập bằng tên không dấu rồi đổi tên.
    $Tam = Join-Path $Menu 'bangtin-tam.lnk'
    $Duong = $Vo.CreateShortcut($Tam)
    $Duong.TargetPath = $Dich
    $Duong.Arguments = $Tham_so
    $Duong.Description = 'bangtin'
    $Duong.Save()
    Move-Item -LiteralPath $Tam -Destination (Join-Path $Menu "$Ten.lnk") -Force
}

foreach ($Mot in $Loi_vao[$Vai]) {
    # Qua cmd, với biến môi trường: tên người dùng Windows có dấu thì lối tắt thường không mở được.
    $Giu = if ($Mot['O_lai']) { '/k' } else { '/c' }
    $Lenh = "`"%LOCALAPPDATA%\bangtin\venv\Scripts\bangtin.exe`" $($Mot.Lenh) --dir `"$Xa`""
    Lap $Mot.Ten (Join-Path $env:SystemRoot 'System32\cmd.exe') "$Giu `"$Lenh`""
}
$Chung = Join-Path $Xa 'thu-muc'
if ($Vai -eq 'bien-tap' -and (Test-Path -LiteralPath $Chung)) {
    Lap 'Thư mục thông báo' (Join-Path $env:SystemRoot 'explorer.exe') "`"$Chung`""
}

& $Chay --version
if ($LASTEXITCODE -ne 0) { Dung 'đã cài nhưng bangtin không chạy được' }
Write-Host ''
Write-Host "Xong. Mở menu Start, gõ: $(($Loi_vao[$Vai][0]).Ten)"
