package probe

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Filesystem returns the kind of filesystem that contains the folder dir, such as "ext4".
func Filesystem(dir string) (string, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return "", fmt.Errorf("filesystem of %s: %w", dir, err)
	}
	names := map[uint32]string{
		unix.EXT4_SUPER_MAGIC:      "ext4", // ext2 and ext3 have the same number
		unix.XFS_SUPER_MAGIC:       "xfs",
		unix.BTRFS_SUPER_MAGIC:     "btrfs",
		unix.TMPFS_MAGIC:           "tmpfs, which has no disk",
		unix.OVERLAYFS_SUPER_MAGIC: "overlayfs",
		unix.NFS_SUPER_MAGIC:       "nfs",
		unix.F2FS_SUPER_MAGIC:      "f2fs",
		unix.FUSE_SUPER_MAGIC:      "fuse",
	}
	if name, ok := names[uint32(st.Type)]; ok {
		return name, nil
	}
	return fmt.Sprintf("of type %#x", uint32(st.Type)), nil
}
