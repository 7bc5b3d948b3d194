# Trang web của xã: chỉ ghi giá trị (tệp này được đọc, không được chạy). Tên, điện thoại, địa chỉ ở bangtin.toml.
SITESUBTITLE = "Thông báo, văn bản và lịch của xã"
LINKS = [
    ("Cổng Dịch vụ công quốc gia", "https://dichvucong.gov.vn"),
]
DEFAULT_PAGINATION = 20  # thông báo trên một trang danh sách
HOME_NOTICES = 8  # thông báo mới trên trang chủ
# Ba dòng dưới giữ nguyên: gõ `pelican` thẳng tay thì không có gì được đăng. Đăng bằng `bangtin publish`.
PATH = "content"
PLUGINS = []
DEFAULT_METADATA = {"status": "skip"}
